# 64-bit Windows, by MinGW-w64. Without the flag, the linker writes the time into the library.
include(${CMAKE_CURRENT_LIST_DIR}/../ports/windows.cmake)
set(CMAKE_SHARED_LINKER_FLAGS_INIT "-s -Wl,--no-insert-timestamp")
