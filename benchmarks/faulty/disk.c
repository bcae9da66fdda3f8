/* A disk that fails on demand: loaded before the C library, it counts what is written below one folder, and lets the
   call of one number (or all from it on) fail with one error. Calls that only read pass uncounted. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static char below[PATH_MAX];
static long number, seen;
static int error, lasting;

void disk_arm(const char *folder, long which, int code, int keep) {
    strncpy(below, folder, sizeof below - 1);
    number = which, error = code, lasting = keep, seen = 0;
}

long disk_seen(void) { return seen; }

static int strikes(const char *path) {
    if (!below[0] || strncmp(path, below, strlen(below))) return 0;
    seen++;
    if (!number || !(seen == number || (lasting && seen > number))) return 0;
    errno = error;
    return 1;
}

static int strikes_file(int file) {
    char name[64], path[PATH_MAX];
    if (!below[0]) return 0;
    snprintf(name, sizeof name, "/proc/self/fd/%d", file);
    ssize_t length = readlink(name, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return strikes(path);
}

static int strikes_at(int folder, const char *path) {
    return path[0] == '/' || folder == AT_FDCWD ? strikes(path) : strikes_file(folder);
}

#define REAL(name) \
    static __typeof__(&name) real; \
    if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

#define OPEN(name) \
    int name(const char *path, int flags, ...) { \
        REAL(name); \
        va_list rest; \
        va_start(rest, flags); \
        mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0; \
        va_end(rest); \
        if ((flags & (O_CREAT | O_WRONLY | O_RDWR)) && strikes(path)) return -1; \
        return real(path, flags, mode); \
    }

#define OPEN_AT(name) \
    int name(int folder, const char *path, int flags, ...) { \
        REAL(name); \
        va_list rest; \
        va_start(rest, flags); \
        mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0; \
        va_end(rest); \
        if ((flags & (O_CREAT | O_WRONLY | O_RDWR)) && strikes_at(folder, path)) return -1; \
        return real(folder, path, flags, mode); \
    }

#define CALL(result, name, parameters, arguments, test) \
    result name parameters { \
        REAL(name); \
        return test ? -1 : real arguments; \
    }

OPEN(open)
OPEN(open64)
OPEN_AT(openat)
OPEN_AT(openat64)
CALL(ssize_t, write, (int file, const void *data, size_t size), (file, data, size), strikes_file(file))
CALL(ssize_t, writev, (int file, const struct iovec *parts, int count), (file, parts, count), strikes_file(file))
CALL(ssize_t, pwrite64, (int file, const void *data, size_t size, off64_t at), (file, data, size, at), strikes_file(file))
CALL(int, ftruncate64, (int file, off64_t size), (file, size), strikes_file(file))
CALL(int, fsync, (int file), (file), strikes_file(file))
CALL(int, fdatasync, (int file), (file), strikes_file(file))
CALL(int, mkdir, (const char *path, mode_t mode), (path, mode), strikes(path))
CALL(int, chmod, (const char *path, mode_t mode), (path, mode), strikes(path))
CALL(int, fchmodat, (int folder, const char *path, mode_t mode, int flags), (folder, path, mode, flags), strikes_at(folder, path))
CALL(int, rename, (const char *from, const char *to), (from, to), strikes(to))
CALL(int, renameat, (int f, const char *from, int t, const char *to), (f, from, t, to), strikes_at(t, to))
CALL(int, unlink, (const char *path), (path), strikes(path))
CALL(int, unlinkat, (int folder, const char *path, int flags), (folder, path, flags), strikes_at(folder, path))
CALL(int, rmdir, (const char *path), (path), strikes(path))
