# SPDX-License-Identifier: MIT
# Options, and the flags that every target of this project is compiled with.
option(STOX_WERROR "Warnings are errors" ON)
option(STOX_EXAMPLES "Build the tool and the gateway" ON)
option(STOX_CORE_ONLY "Build libstox-core alone (it needs no libxml2, GnuTLS, libuv)" OFF)
option(STOX_LIBFUZZER "Link the fuzzers with libFuzzer instead of the corpus replay" OFF)
option(STOX_COVERAGE "Instrument for gcov" OFF)
set(STOX_SANITIZE "" CACHE STRING "Value for -fsanitize=, empty for none")
set(STOX_CORPORA "${PROJECT_SOURCE_DIR}/../shared/corpora" CACHE PATH
    "Foreign test corpora; tests that want them are skipped where they are absent")

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "" FORCE)
endif()
# Assertions stay on in every build type: they guard against a caller's mistakes only.
set(CMAKE_C_FLAGS_RELEASE "-O2")
set(CMAKE_C_FLAGS_RELWITHDEBINFO "-O2 -g")

set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/lib")
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/lib")

add_compile_options(
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wcast-align -Wcast-qual -Wformat=2
  -Wmissing-prototypes -Wstrict-prototypes -Wnull-dereference -Wpointer-arith -Wundef -Wvla
  -Wwrite-strings -Wdouble-promotion -Wswitch-enum -Wimplicit-fallthrough)
if(STOX_WERROR)
  add_compile_options(-Werror)
endif()

if(STOX_SANITIZE)
  add_compile_options("-fsanitize=${STOX_SANITIZE}" -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options("-fsanitize=${STOX_SANITIZE}")
endif()
if(STOX_COVERAGE)
  add_compile_options(--coverage)
  add_link_options(--coverage)
endif()
if(STOX_LIBFUZZER)
  add_compile_options(-fsanitize=fuzzer-no-link)
  add_link_options(-fsanitize=fuzzer-no-link)
endif()

# A plain build is one whose objects can be judged by their symbols, sections and frames.
if(STOX_SANITIZE OR STOX_COVERAGE OR STOX_LIBFUZZER)
  set(STOX_PLAIN OFF)
else()
  set(STOX_PLAIN ON)
endif()
