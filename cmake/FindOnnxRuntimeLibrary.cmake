# Sets the cache variable MIEN_ONNXRUNTIME_LIBRARY: the ONNX Runtime library that tests run with. The core itself opens a
# library at run time and needs none to be built. Tried in this order: -DMIEN_ONNXRUNTIME_LIBRARY=..., $MIEN_ONNXRUNTIME,
# the wheel of the active Python environment, the system. Where none is found the tests say what to set.
if(NOT MIEN_ONNXRUNTIME_LIBRARY AND DEFINED ENV{MIEN_ONNXRUNTIME})
  set(MIEN_ONNXRUNTIME_LIBRARY "$ENV{MIEN_ONNXRUNTIME}" CACHE FILEPATH "ONNX Runtime library that tests run with" FORCE)
endif()
if(NOT MIEN_ONNXRUNTIME_LIBRARY AND NOT CMAKE_CROSSCOMPILING)  # the wheel is of the machine that builds
  set(Python3_FIND_VIRTUALENV FIRST)
  if(Python_EXECUTABLE AND NOT Python3_EXECUTABLE)
    set(Python3_EXECUTABLE "${Python_EXECUTABLE}")  # the one the extension is built for
  endif()
  find_package(Python3 COMPONENTS Interpreter QUIET)
  if(Python3_Interpreter_FOUND)
    # The package's folder, found without importing it.
    execute_process(
      COMMAND ${Python3_EXECUTABLE} -c
        "import importlib.util as u; s = u.find_spec('onnxruntime'); print(s.submodule_search_locations[0] if s else '')"
      OUTPUT_VARIABLE _mien_ort_package OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    if(_mien_ort_package)
      file(GLOB _mien_ort_libraries
        "${_mien_ort_package}/capi/libonnxruntime.so*" "${_mien_ort_package}/capi/libonnxruntime*.dylib")
      list(FILTER _mien_ort_libraries EXCLUDE REGEX "providers")
      if(_mien_ort_libraries)
        list(GET _mien_ort_libraries 0 _mien_ort_library)
        set(MIEN_ONNXRUNTIME_LIBRARY "${_mien_ort_library}" CACHE FILEPATH "ONNX Runtime library that tests run with" FORCE)
      endif()
    endif()
  endif()
endif()
find_library(MIEN_ONNXRUNTIME_LIBRARY NAMES onnxruntime libonnxruntime.so.1 DOC "ONNX Runtime library that tests run with")
if(MIEN_ONNXRUNTIME_LIBRARY)
  message(STATUS "ONNX Runtime for tests: ${MIEN_ONNXRUNTIME_LIBRARY}")
else()
  set(MIEN_ONNXRUNTIME_LIBRARY "" CACHE FILEPATH "ONNX Runtime library that tests run with" FORCE)
  message(STATUS "ONNX Runtime for tests: none found; set MIEN_ONNXRUNTIME_LIBRARY, or install the wheel onnxruntime")
endif()
