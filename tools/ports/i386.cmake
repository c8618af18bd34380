# 32-bit x86, run as it is. Floats go through SSE2, since the x87 computes them in a wider type. The folder of headers is
# that of the 64-bit C library, which Debian's gcc-multilib, but not gcc-N-multilib, finds by itself.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR i686)
set(CMAKE_C_COMPILER gcc)
set(CMAKE_C_FLAGS_INIT "-m32 -msse2 -mfpmath=sse -isystem /usr/include/x86_64-linux-gnu")
set(CMAKE_EXE_LINKER_FLAGS_INIT -static)
