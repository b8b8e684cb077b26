#!/usr/bin/env bash
# Builds llama.cpp for this machine's graphics device, runs tests/gpu and prints the table of speeds, without network
# and Qt. BUNDLE comes from `make gpu-bundle`; run this from the project's folder, in two calls:
#
#   tests/gpu/offline.sh BUNDLE build [RESULTS]
#   tests/gpu/offline.sh BUNDLE test [RESULTS]
#
# Needs nvcc, cmake, ninja, and Python 3.12 with numpy, psutil, pytest and huggingface_hub. What is built goes to
# BUNDLE-build, and text files to RESULTS ($OUT, else BUNDLE-results). Variables: BACKEND (cuda, or vulkan, which also
# runs in software), PYTHON (python3), JOBS (all cores), ARCHITECTURE (the device's, such as 90), LIMIT (200: seconds
# that the tests may take, and the table).
set -euo pipefail

bundle=$(realpath "$1") step=$2
built=$bundle-build results=${3:-${OUT:-$bundle-results}}
backend=${BACKEND:-cuda} python=${PYTHON:-python3} jobs=${JOBS:-$(nproc)} limit=${LIMIT:-200}
project=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../..")
cd "$project"
mkdir -p "$built" "$results"
export PATH=$PATH:/usr/local/cuda/bin
export PYTHONPATH=$built/packages:$project PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
export LLAMA_CPP_LIB_PATH=$built/cmake/bin INKFALL_HOME=$built/home

build() {
  unpack
  describe_machine >"$results/machine.txt" 2>&1
  mapfile -t options < <("$python" -c "import bootstrap
for setting in bootstrap.build_settings('$backend')[1::2]: print('-D' + setting.partition('define.')[2])")
  if [[ $backend == cuda ]]; then find_cuda; fi
  for part in COMMON TESTS TOOLS EXAMPLES SERVER APP; do options+=("-DLLAMA_BUILD_$part=OFF"); done
  export GIT_CEILING_DIRECTORIES=$built  # this project's commit is not llama.cpp's
  export CPLUS_INCLUDE_PATH=$project/resources/build${CPLUS_INCLUDE_PATH:+:$CPLUS_INCLUDE_PATH}
  cmake -G Ninja -S "$built/source/vendor/llama.cpp" -B "$built/cmake" -DCMAKE_BUILD_TYPE=Release -Wno-dev "${options[@]}"
  cmake --build "$built/cmake" --parallel "$jobs" --target llama
  "$python" -m models.sampling.compile_passes
  "$python" -c "from models.llamacpp import binding; print(binding.build())"
  echo "Built in $SECONDS s"
}

unpack() {
  rm -rf "$built/source" "$built/packages"  # files keep their dates, so what is compiled stays
  mkdir -p "$built/source" "$built/packages"
  tar -xf "$bundle/source.tar.xz" -C "$built/source"
  ln -sfn "$built/source/llama_cpp" "$built/packages/llama_cpp"
  for wheel in "$bundle"/wheels/*.whl; do "$python" -m zipfile -e "$wheel" "$built/packages"; done
}

describe_machine() {
  date
  nproc
  grep -m1 "model name" /proc/cpuinfo || true
  nvidia-smi || true
  nvcc --version || true
  cmake --version
  ninja --version
  "$python" -VV
}

# CMake's options for CUDA on this one device. Some toolkits have nvcc but no cuBLAS, which is then in a Python package;
# the driver's library may lie where the loader does not search, so the one that runs is linked, not the toolkit's stub.
find_cuda() {
  local device=${ARCHITECTURE:-} toolkit blas driver
  [[ $device ]] || device=$(nvidia-smi --query-gpu=compute_cap --format=csv,noheader | head -n1 | tr -d .)
  toolkit=$(dirname "$(dirname "$(realpath "$(command -v nvcc)")")")
  options+=("-DCMAKE_CUDA_ARCHITECTURES=$device-real" "-DCUDAToolkit_ROOT=$toolkit" -DGGML_CUDA_NCCL=OFF)
  if ! compgen -G "$toolkit/lib64/libcublas.so*" >/dev/null; then
    blas=$("$python" -c "import nvidia, pathlib
print(next(str(one) for folder in nvidia.__path__ for one in pathlib.Path(folder).glob('*/lib/libcublas.so.*')))")
    options+=("-DCUDA_cublas_LIBRARY=$blas" "-DCMAKE_CUDA_FLAGS=-isystem $(dirname "$(dirname "$blas")")/include")
    options+=("-DCUDA_cublasLt_LIBRARY=$(dirname "$blas")/libcublasLt.so.${blas##*.so.}")
  fi
  driver=$(ldconfig -p | awk '$1 == "libcuda.so.1" {print $NF; exit}')
  [[ $driver ]] || driver=$(compgen -G "/usr/local/nvidia/lib*/libcuda.so.1" | head -n1 || true)
  if [[ $driver ]]; then
    options+=("-DCUDA_cuda_driver_LIBRARY=$driver")
  elif ! compgen -G "$toolkit/lib64/stubs/libcuda.so" >/dev/null; then
    options+=(-DGGML_CUDA_NO_VMM=ON)
  fi
}

check() {
  local failed=0 software=()
  if [[ $backend == vulkan ]]; then software=(--software); fi
  export PYTEST_DISABLE_PLUGIN_AUTOLOAD=1  # whatever else the machine's pytest has
  timeout "$limit" "$python" -m pytest -p pytest_timeout -p no:cacheprovider -c tests/gpu/pytest.ini -v --durations=0 \
    tests/gpu 2>&1 | tee "$results/tests.txt" || failed=$?
  timeout "$limit" "$python" -m tests.gpu.speed "${software[@]}" 2>&1 | tee "$results/speed.txt" || failed=$?
  echo "Tested and measured in $SECONDS s"
  return "$failed"
}

case $step in
  build) build 2>&1 | tee "$results/build.txt" ;;
  test) check ;;
  *) echo "The second argument is build or test." >&2; exit 2 ;;
esac
