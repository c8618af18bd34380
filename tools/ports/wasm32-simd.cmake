# The same with the vectors of WebAssembly.
include(${CMAKE_CURRENT_LIST_DIR}/wasm32.cmake)
set(BITOCR_SIMD ON)
