# The tests that look inside the engine or refuse it memory: programs for any machine that print what failed.
set(tests)
if(NOT APPLE) # whose linker cannot wrap functions
  list(APPEND tests limits)
endif()
foreach(test ${tests})
  add_executable(${test} tests/${test}.c)
  set_up(${test})
  set_target_properties(${test} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/tests)
  target_link_libraries(${test} PRIVATE bitocr_objects ${system_libraries})
endforeach()
if(TARGET limits)
  target_link_options(limits PRIVATE -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=free)
endif()
