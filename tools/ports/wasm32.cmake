# WebAssembly without threads and files, run by node. The programs that test it open files through WASI; the engine does not.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR wasm32)
if(NOT DEFINED CMAKE_C_COMPILER)
  set(CMAKE_C_COMPILER clang)
endif()
set(CMAKE_C_COMPILER_TARGET wasm32-wasi)
# No -O for the linker: clang would run any wasm-opt that it finds, whatever its version.
set(CMAKE_C_FLAGS_RELEASE -DNDEBUG CACHE STRING "")
set(CMAKE_EXE_LINKER_FLAGS_INIT "-Wl,-z,stack-size=131072")
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(BITOCR_THREADS OFF)
set(BITOCR_FILES OFF)
