// The Python module benchcomp_flif._native, in CPython's limited API: bytes in, bytes out, without the
// interpreter lock held. The package's Python side turns arrays into bytes and checks types.
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <cstdint>
#include <exception>
#include <functional>
#include <new>
#include <string>
#include <vector>

#include "decoder.h"
#include "encoder.h"
#include "errors.h"
#include "smallest.h"

namespace {

// Runs `work` without the interpreter lock. Returns false with a Python exception set if it throws:
// ValueError for what is wrong with the input.
bool run_unlocked(const std::function<void()>& work) {
  enum { kDone, kInput, kMemory, kOther } outcome = kDone;
  std::string message;
  Py_BEGIN_ALLOW_THREADS;
  try {
    work();
  } catch (const flif::FlifError& error) {
    outcome = kInput;
    message = error.what();
  } catch (const std::bad_alloc&) {
    outcome = kMemory;
  } catch (const std::exception& error) {
    outcome = kOther;
    message = error.what();
  }
  Py_END_ALLOW_THREADS;
  if (outcome == kDone) return true;
  if (outcome == kMemory) {
    PyErr_NoMemory();
  } else {
    PyErr_SetString(outcome == kInput ? PyExc_ValueError : PyExc_RuntimeError, message.c_str());
  }
  return false;
}

flif::Image image_from(const Py_buffer& pixels, int height, int width, int channels) {
  flif::Image image;
  image.width = width;
  image.height = height;
  image.planes = channels;
  const bool known = height > 0 && width > 0 && (channels == 1 || channels == 3 || channels == 4);
  if (!known || image.pixels() > flif::kMaxPixels)
    throw flif::FlifError("FLIF holds gray, RGB or RGBA images of 1 to " + std::to_string(flif::kMaxPixels) +
                          " pixels");
  const auto planes = static_cast<std::size_t>(channels);
  const auto* bytes = static_cast<const std::uint8_t*>(pixels.buf);
  if (static_cast<std::size_t>(pixels.len) != image.pixels() * planes)
    throw flif::FlifError("the pixels don't fill their shape");
  for (std::size_t plane = 0; plane < planes; ++plane) {
    image.samples[plane].resize(image.pixels());
    for (std::size_t i = 0; i < image.pixels(); ++i) image.samples[plane][i] = bytes[i * planes + plane];
  }
  return image;
}

void interleave(const flif::Image& image, std::uint8_t* pixels) {
  const auto planes = static_cast<std::size_t>(image.planes);
  for (int plane = 0; plane < image.planes; ++plane)
    for (std::size_t i = 0; i < image.pixels(); ++i)
      pixels[i * planes + static_cast<std::size_t>(plane)] = static_cast<std::uint8_t>(image[plane][i]);
}

// encode(pixels, height, width, channels, *, ...) -> bytes; see _native.pyi.
PyObject* py_encode(PyObject*, PyObject* arguments, PyObject* keywords) {
  static const char* names[] = {"pixels",
                                "height",
                                "width",
                                "channels",
                                "interlaced",
                                "effort",
                                "smallest",
                                "keep_invisible",
                                "channel_compact",
                                "ycocg",
                                "max_palette",
                                "color_buckets",
                                "predictor",
                                "invisible_predictor",
                                nullptr};
  Py_buffer pixels;
  int height = 0, width = 0, channels = 0, interlaced = 0, effort = flif::kDefaultEffort, smallest = 0,
      keep_invisible = 0;
  int channel_compact = 1, ycocg = 1, max_palette = -1, color_buckets = 0, predictor = -1,
      invisible_predictor = 2;
  if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "y*iii|$pippppipii", const_cast<char**>(names),
                                   &pixels, &height, &width, &channels, &interlaced, &effort, &smallest,
                                   &keep_invisible, &channel_compact, &ycocg, &max_palette, &color_buckets,
                                   &predictor, &invisible_predictor))
    return nullptr;
  std::vector<std::uint8_t> out;
  const bool done = run_unlocked([&] {
    const flif::Image image = image_from(pixels, height, width, channels);
    flif::EncoderChoices choices = flif::choices_for(effort, interlaced != 0);
    choices.alpha_zero = keep_invisible == 0;
    if (smallest != 0) {
      out = flif::encode_smallest(image, choices);
      return;
    }
    if (channel_compact == 0) choices.channel_compact = false;
    if (ycocg == 0) choices.ycocg = choices.subtract_first = false;
    if (max_palette >= 0) choices.max_palette = static_cast<std::size_t>(max_palette);
    if (color_buckets != 0) choices.color_buckets = flif::Use::kAlways;
    if (predictor >= 0) choices.predictors.fill(predictor);
    choices.invisible_predictor = invisible_predictor;
    out = flif::encode(image, choices);
  });
  PyBuffer_Release(&pixels);
  return done ? PyBytes_FromStringAndSize(reinterpret_cast<const char*>(out.data()),
                                          static_cast<Py_ssize_t>(out.size()))
              : nullptr;
}

// decode(bitstream, max_pixels) -> (bytearray, height, width, channels)
PyObject* py_decode(PyObject*, PyObject* arguments) {
  Py_buffer bitstream;
  Py_ssize_t max_pixels = 0;
  if (!PyArg_ParseTuple(arguments, "y*n", &bitstream, &max_pixels)) return nullptr;
  flif::Image image;
  const bool done = run_unlocked([&] {
    image = flif::decode(static_cast<const std::uint8_t*>(bitstream.buf),
                         static_cast<std::size_t>(bitstream.len), static_cast<std::size_t>(max_pixels));
  });
  PyBuffer_Release(&bitstream);
  if (!done) return nullptr;
  const std::size_t size = image.pixels() * static_cast<std::size_t>(image.planes);
  PyObject* pixels = PyByteArray_FromStringAndSize(nullptr, static_cast<Py_ssize_t>(size));
  if (pixels == nullptr) return nullptr;
  interleave(image, reinterpret_cast<std::uint8_t*>(PyByteArray_AsString(pixels)));
  return Py_BuildValue("Niii", pixels, image.height, image.width, image.planes);
}

PyMethodDef methods[] = {
    {"encode", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(py_encode)),
     METH_VARARGS | METH_KEYWORDS, nullptr},
    {"decode", py_decode, METH_VARARGS, nullptr},
    {nullptr, nullptr, 0, nullptr},
};

PyModuleDef_Slot slots[] = {{0, nullptr}};

PyModuleDef module = {PyModuleDef_HEAD_INIT,
                      "_native",
                      "FLIF16 encoder and decoder",
                      0,
                      methods,
                      slots,
                      nullptr,
                      nullptr,
                      nullptr};

}  // namespace

PyMODINIT_FUNC PyInit__native() { return PyModuleDef_Init(&module); }
