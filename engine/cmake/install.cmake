# What `cmake --install` puts in place for C: the libraries, the header, the models with their language files, and how
# pkg-config and CMake's find_package find them. All of it may be moved together, but for where models are looked for first.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(models ${CMAKE_INSTALL_DATADIR}/bitocr)
set_property(
  SOURCE src/api/find.c
  APPEND
  PROPERTY COMPILE_DEFINITIONS "BITOCR_MODELS_FOLDER=\"${CMAKE_INSTALL_FULL_DATADIR}/bitocr\"")
install(
  DIRECTORY ${PROJECT_SOURCE_DIR}/src/bitocr/models/
  DESTINATION ${models}
  FILES_MATCHING
  PATTERN "*.bit"
  PATTERN "*.ngram"
  PATTERN "*.words")
install(FILES include/bitocr.h TYPE INCLUDE)

# pkg-config links what is shared, and with --static, or where nothing is shared, what is not.
set(packages ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
file(RELATIVE_PATH to_prefix ${CMAKE_INSTALL_PREFIX}/${packages} ${CMAKE_INSTALL_PREFIX})
set(libraries "-lm")
if(BITOCR_THREADS)
  string(APPEND libraries " -pthread")
endif()
set(public)
if(NOT BITOCR_SHARED)
  set(public " ${libraries}")
endif()
configure_file(cmake/bitocr.pc.in bitocr.pc @ONLY)

foreach(name shared static)
  if(TARGET bitocr_${name})
    target_include_directories(bitocr_${name} INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
    list(APPEND targets bitocr_${name})
  endif()
endforeach()
if(targets)
  set(config ${CMAKE_INSTALL_LIBDIR}/cmake/bitocr)
  install(TARGETS ${targets} EXPORT bitocr)
  install(
    EXPORT bitocr
    NAMESPACE bitocr::
    FILE bitocrTargets.cmake
    DESTINATION ${config})
  configure_package_config_file(cmake/bitocrConfig.cmake.in bitocrConfig.cmake INSTALL_DESTINATION ${config}
                                PATH_VARS models)
  write_basic_package_version_file(bitocrConfigVersion.cmake COMPATIBILITY SameMinorVersion)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/bitocrConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/bitocrConfigVersion.cmake
          DESTINATION ${config})
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/bitocr.pc DESTINATION ${packages})
endif()
