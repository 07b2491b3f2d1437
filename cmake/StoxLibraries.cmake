# SPDX-License-Identifier: MIT
# libstox-core, libstox and libstox-uv, each shared and static from one set of objects.
# lib/layers.txt says which folder of lib/ belongs to which library.

# sources(<library name in layers.txt> <out>)
function(stox_sources library out)
  file(STRINGS "${PROJECT_SOURCE_DIR}/lib/layers.txt" lines REGEX "^[0-9]")
  set(sources)
  foreach(line IN LISTS lines)
    string(REGEX REPLACE "[ \t]+" ";" fields "${line}")
    list(GET fields 1 owner)
    list(GET fields 2 name)
    if(owner STREQUAL library AND NOT name MATCHES "^h:")
      file(GLOB found CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/lib/${name}/*.c")
      list(APPEND sources ${found})
    endif()
  endforeach()
  set(${out} "${sources}" PARENT_SCOPE)
endfunction()

# stox_add_library(<library> <file name> PKG module… SYSTEM library… DEPENDS library…)
# Makes <file name>-objects, <file name> (shared), <file name>-static and their stox:: aliases.
function(stox_add_library library name)
  cmake_parse_arguments(arg "" "" "PKG;SYSTEM;DEPENDS" ${ARGN})
  stox_sources(${library} sources)
  if(NOT sources)
    message(STATUS "lib${name}: no sources yet")
    return()
  endif()
  foreach(dependency IN LISTS arg_DEPENDS)
    if(NOT TARGET ${dependency})
      message(STATUS "lib${name}: waits for lib${dependency}")
      return()
    endif()
  endforeach()

  # A kernel of another instruction set than the rest; nothing runs it before the processor was asked.
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|amd64|AMD64")
    set(kernels ${sources})
    list(FILTER kernels INCLUDE REGEX "_avx2\\.c$")
    set_source_files_properties(${kernels} PROPERTIES COMPILE_OPTIONS "-mavx2")
  endif()

  pkg_check_modules(${library}_pkg REQUIRED ${arg_PKG})
  add_library(${name}-objects OBJECT ${sources})
  target_include_directories(${name}-objects PRIVATE "${PROJECT_SOURCE_DIR}/lib" "${PROJECT_SOURCE_DIR}/include")
  target_include_directories(${name}-objects SYSTEM PRIVATE ${${library}_pkg_INCLUDE_DIRS})
  # Small structs are cleared by stores: the string instructions of x86 take dozens of cycles to begin.
  if(CMAKE_C_COMPILER_ID STREQUAL "GNU" AND CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|amd64|AMD64")
    target_compile_options(${name}-objects PRIVATE
      -mmemset-strategy=unrolled_loop:256:noalign,libcall:-1:noalign -mmemcpy-strategy=unrolled_loop:256:noalign,libcall:-1:noalign)
  endif()
  # A call graph with frame sizes beside each object: what gate.stack reads.
  if(STOX_PLAIN AND CMAKE_C_COMPILER_ID STREQUAL "GNU")
    target_compile_options(${name}-objects PRIVATE -fcallgraph-info=su)
  endif()

  foreach(kind IN ITEMS SHARED STATIC)
    if(kind STREQUAL "STATIC")
      set(suffix -static)
    else()
      set(suffix)
    endif()
    set(target ${name}${suffix})
    set(exported ${library}${suffix})
    add_library(${target} ${kind} $<TARGET_OBJECTS:${name}-objects>)
    add_library(stox::${exported} ALIAS ${target})
    set_target_properties(${target} PROPERTIES
      OUTPUT_NAME ${name} EXPORT_NAME ${exported} LINKER_LANGUAGE C
      VERSION ${PROJECT_VERSION} SOVERSION 0)
    target_include_directories(${target} PUBLIC
      $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
    list(TRANSFORM arg_DEPENDS APPEND "${suffix}" OUTPUT_VARIABLE depends)
    target_link_directories(${target} PRIVATE ${${library}_pkg_LIBRARY_DIRS})
    target_link_libraries(${target} PUBLIC ${depends} PRIVATE ${arg_SYSTEM})
  endforeach()

  set(map "${PROJECT_SOURCE_DIR}/cmake/stox.map")
  target_link_options(${name} PRIVATE "LINKER:--version-script=${map}")
  set_property(TARGET ${name} APPEND PROPERTY LINK_DEPENDS "${map}")
  if(STOX_PLAIN)
    target_link_options(${name} PRIVATE "LINKER:-z,defs")
  endif()
  # A private helper of a lower library is copied in, hidden: between two libraries the ABI is the public one.
  foreach(dependency IN LISTS arg_DEPENDS)
    target_link_libraries(${name} PRIVATE ${dependency}-static)
    target_link_options(${name} PRIVATE "LINKER:--exclude-libs,ALL")
  endforeach()
  set_property(GLOBAL APPEND PROPERTY STOX_LIBRARIES ${name})
endfunction()

function(stox_add_libraries)
  find_package(PkgConfig REQUIRED)
  stox_add_library(core stox-core PKG libidn libidn2 SYSTEM idn idn2 unistring)
  if(NOT STOX_CORE_ONLY)
    stox_add_library(stox stox PKG libxml-2.0 gnutls SYSTEM xml2 gnutls DEPENDS stox-core)
    stox_add_library(uv stox-uv PKG libuv libcares SYSTEM uv cares DEPENDS stox)
  endif()
endfunction()
