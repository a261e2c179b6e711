# Read right after project("llama.cpp"): llama-cpp-python forces this library ON, but neither ships nor uses it.
set(LLAMA_BUILD_COMMON OFF CACHE BOOL "" FORCE)
