#include "video/container_info.h"

#include <cstdio>

namespace mien {

double ContainerInfo::declared_duration() const {
  if (duration) return time_base.seconds(*duration);
  double hours = 0;
  double minutes = 0;
  double rest = 0;
  if (std::sscanf(duration_tag.c_str(), "%lf:%lf:%lf", &hours, &minutes, &rest) == 3) {
    return hours * 3600 + minutes * 60 + rest;
  }
  // The file's own length is that of its longest stream.
  return file_duration.value_or(0);
}

}  // namespace mien
