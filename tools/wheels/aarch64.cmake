# Linux on 64-bit ARM with glibc 2.17 or later, by zig. Where zig is not told to optimize, or links a program, it first builds libraries
# for that: CMake's trials do without.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER zig cc -target aarch64-linux-gnu.2.17 -O3)
set(CMAKE_SHARED_LINKER_FLAGS_INIT -s)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
