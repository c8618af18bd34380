# bitocr.wasm: the engine as a module of WebAssembly for browsers and node, which web/engine calls. It has no main: a host
# calls _initialize once, and then the functions that are exported here.
set(exports
    malloc
    free
    bitocr_version
    bitocr_sizeof
    bitocr_kernels
    bitocr_load_memory
    bitocr_free
    bitocr_describe
    bitocr_lexicon_create
    bitocr_lexicon_free
    bitocr_ngram_load_memory
    bitocr_ngram_free
    bitocr_constraint_create
    bitocr_constraint_free
    bitocr_results_create
    bitocr_results_free
    bitocr_results_count
    bitocr_results_line
    bitocr_recognize
    bitocr_page_create
    bitocr_page_free
    bitocr_page_describe
    bitocr_page_get
    bitocr_page_get_block
    bitocr_detector_load_memory
    bitocr_detector_free
    bitocr_find
    bitocr_read_page)

# Fast: the kernel that this module runs, and the search for texts. Small where little time is spent, and smallest where
# hardly any is.
set(fast "kernels/${here}|decode/(beam|ngram|prior|lexicon|ctc)")
set(small "image/(filter|gray|prepare|reduce|resize|warp)|kernels|net/(backbone|block|chain|linear|lstm|map|stem)[.]c|page/(components|ink)")
foreach(file ${sources})
  if(file MATCHES "/src/(${fast})")
    continue()
  elseif(file MATCHES "/src/(${small})")
    set_source_files_properties(${file} PROPERTIES COMPILE_OPTIONS -Os)
  else()
    set_source_files_properties(${file} PROPERTIES COMPILE_OPTIONS -Oz)
  endif()
endforeach()

# A host that runs a module with vectors has them, so the module needs no generic kernel.
if(here STREQUAL "wasm")
  set_source_files_properties(${CMAKE_CURRENT_SOURCE_DIR}/src/kernels/dispatch.c PROPERTIES COMPILE_DEFINITIONS BITOCR_ONE_KERNEL=1)
endif()

# Of an address, the part that is known is in the instruction, unless loop strength reduction has run: it makes pointers of its
# own, which wrap around as far as the compiler knows. Browsers would compute every address then.
foreach(file ${sources})
  if(file MATCHES "/src/kernels/${here}/")
    set_source_files_properties(${file} PROPERTIES COMPILE_OPTIONS "-mllvm;-disable-lsr")
  endif()
endforeach()

set_target_properties(bitocr_objects PROPERTIES POSITION_INDEPENDENT_CODE OFF)
list(TRANSFORM exports PREPEND -Wl,--export=)
add_executable(bitocr_module wasm/format.c $<TARGET_OBJECTS:bitocr_objects>)
set_up(bitocr_module)
set_source_files_properties(wasm/format.c PROPERTIES COMPILE_OPTIONS -Os)
set_target_properties(bitocr_module PROPERTIES OUTPUT_NAME bitocr SUFFIX .wasm LINKER_LANGUAGE C)
# The stack lies below all else, so that one that is too small ends in an error. Below 2 GB, pointers are positive in
# JavaScript.
target_link_options(bitocr_module PRIVATE -mexec-model=reactor ${exports} -Wl,--strip-all,--gc-sections,--stack-first
                    -Wl,--max-memory=2147418112)
target_link_libraries(bitocr_module PRIVATE ${system_libraries})
