/* SPDX-License-Identifier: MIT */
/* Stands in for libFuzzer: each file of the corpus, each prefix-cut, bit-flipped and spliced child
 * of it, from a fixed seed. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHILDREN = 64, LARGEST = 1 << 16 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint32_t next_random(uint32_t *state) {
  *state ^= *state << 13;
  *state ^= *state >> 17;
  *state ^= *state << 5;
  return *state;
}

/* An exact heap copy, so that a sanitizer sees the first octet past the end. */
static void run_one(const uint8_t *data, size_t size) {
  uint8_t *copy = malloc(size == 0 ? 1 : size);
  if (copy == NULL) {
    abort();
  }
  if (size > 0) {
    memcpy(copy, data, size);
  }
  (void)LLVMFuzzerTestOneInput(copy, size);
  free(copy);
}

static void run_children(uint8_t *data, size_t size, uint32_t *state) {
  static const uint8_t odd[] = {0,   9,   10,   13,   '"',  '%',  '&', ';',
                                '<', '@', '\\', 0x7f, 0x80, 0xc0, 0xff};
  for (int child = 0; child < CHILDREN && size > 0; child++) {
    size_t at = next_random(state) % size;
    uint8_t kept = data[at];
    switch (next_random(state) % 3) {
    case 0:
      run_one(data, at);
      break;
    case 1:
      data[at] = odd[next_random(state) % sizeof odd];
      run_one(data, size);
      break;
    default:
      data[at] = (uint8_t)(kept ^ (1U << (next_random(state) % 8)));
      run_one(data, size);
      break;
    }
    data[at] = kept;
  }
}

static int run_file(const char *path, uint32_t *state) {
  static uint8_t data[LARGEST];
  FILE *file = fopen(path, "rb");
  if (file == NULL) {
    return 0;
  }
  size_t size = fread(data, 1, sizeof data, file);
  (void)fclose(file);
  run_one(data, size);
  run_children(data, size, state);
  return 1;
}

static int compare_names(const struct dirent **a, const struct dirent **b) {
  return strcmp((*a)->d_name, (*b)->d_name);
}

static int run_folder(const char *folder, uint32_t *state) {
  struct dirent **names = NULL;
  int count = scandir(folder, &names, NULL, compare_names);
  int files = 0;
  for (int i = 0; i < count; i++) {
    char path[4096];
    int n = snprintf(path, sizeof path, "%s/%s", folder, names[i]->d_name);
    if (names[i]->d_name[0] != '.' && n > 0 && (size_t)n < sizeof path) {
      files += run_file(path, state);
    }
    free(names[i]);
  }
  free(names);
  return files;
}

int main(int argc, char **argv) {
  uint32_t state = 0x5707u;
  int files = 0;
  run_one((const uint8_t *)"", 0);
  for (int i = 1; i < argc; i++) {
    files += run_folder(argv[i], &state);
  }
  /* Without a corpus there is still noise. */
  for (int i = 0; i < 2000; i++) {
    uint8_t noise[256];
    size_t size = next_random(&state) % sizeof noise;
    for (size_t k = 0; k < size; k++) {
      noise[k] = (uint8_t)(next_random(&state) % 128);
    }
    run_one(noise, size);
  }
  (void)printf("%d files replayed\n", files);
  return 0;
}
