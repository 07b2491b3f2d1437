# SPDX-License-Identifier: MIT
# Headers, libraries, the CMake package stox (stox::core, stox::stox, stox::uv) and relocatable .pc files.
include(CMakePackageConfigHelpers)

# From <libdir>/pkgconfig back to the prefix.
string(REGEX REPLACE "[^/]+" ".." STOX_PC_PREFIX "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
get_property(stox_libraries GLOBAL PROPERTY STOX_LIBRARIES)
install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/stox" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" FILES_MATCHING PATTERN "*.h")
foreach(library IN LISTS stox_libraries)
  install(TARGETS ${library} ${library}-static EXPORT stox
    LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}" ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
  configure_file("${PROJECT_SOURCE_DIR}/pkgconfig/${library}.pc.in" "${PROJECT_BINARY_DIR}/pkgconfig/${library}.pc" @ONLY)
  install(FILES "${PROJECT_BINARY_DIR}/pkgconfig/${library}.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
endforeach()

if(stox_libraries)
  set(stox_package "${CMAKE_INSTALL_LIBDIR}/cmake/stox")
  install(EXPORT stox NAMESPACE stox:: FILE stox-targets.cmake DESTINATION "${stox_package}")
  configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/stox-config.cmake.in" "${PROJECT_BINARY_DIR}/stox-config.cmake"
    INSTALL_DESTINATION "${stox_package}")
  write_basic_package_version_file("${PROJECT_BINARY_DIR}/stox-config-version.cmake" COMPATIBILITY SameMinorVersion)
  install(FILES "${PROJECT_BINARY_DIR}/stox-config.cmake" "${PROJECT_BINARY_DIR}/stox-config-version.cmake"
    DESTINATION "${stox_package}")
endif()
