# Linux on x86-64 with glibc 2.17 or later, by zig. Where zig is not told to optimize, or links a program, it first builds libraries
# for that: CMake's trials do without.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
set(CMAKE_C_COMPILER zig cc -target x86_64-linux-gnu.2.17 -O3)
set(CMAKE_SHARED_LINKER_FLAGS_INIT -s)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
