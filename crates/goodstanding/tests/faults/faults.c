/* Stands between the program and the C library and makes one chosen write go wrong. Loaded into the
 * real program by the tests of failures (LD_PRELOAD), so that nothing in the program knows of it and
 * SQLite's own writes are met as well. Linux only.
 *
 *   FAULTS_UNDER   only what happens below this folder counts
 *   FAULTS_COUNT   at its end the program writes here how many calls counted
 *   FAULTS_WHEN    nothing counts before this file is there
 *   FAULTS_AT      which call goes wrong, from 1
 *   FAULTS_MODE    failed     it is not done and reports an error
 *                  persisted  it is done and reports an error
 *                  full       this one and all that need room after it find the disk full
 *                  killed     the program dies before it
 *                  torn       a write is half done, then the program dies
 *                  locked     this one and all after it find the disk read-only
 *   FAULTS_CLOCK   seconds added to the wall clock
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static atomic_long calls;

/* What a call may need from the disk. */
enum { ROOM = 1, NO_ROOM = 0 };

enum { GO_ON, FAIL, FAIL_AFTER, HALF };

#define REAL(name, type) ((type)dlsym(RTLD_NEXT, name))

static int below(const char *path) {
    const char *under = getenv("FAULTS_UNDER");
    return under && path && strncmp(path, under, strlen(under)) == 0;
}

static int below_fd(int fd) {
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    return below(path);
}

static void die(void) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

/* Counts a call and says what becomes of it. */
static int next(int room) {
    const char *when = getenv("FAULTS_WHEN");
    if (when && access(when, F_OK) != 0) return GO_ON;
    long number = atomic_fetch_add(&calls, 1) + 1;
    const char *at = getenv("FAULTS_AT"), *mode = getenv("FAULTS_MODE");
    if (!at || !mode) return GO_ON;
    long chosen = atol(at);
    if (strcmp(mode, "full") == 0) {
        if (number < chosen || !room) return GO_ON;
        errno = ENOSPC;
        return FAIL;
    }
    if (strcmp(mode, "locked") == 0) {
        if (number < chosen) return GO_ON;
        errno = EROFS;
        return FAIL;
    }
    if (number != chosen) return GO_ON;
    if (strcmp(mode, "killed") == 0) die();
    if (strcmp(mode, "torn") == 0) return HALF;
    return strcmp(mode, "persisted") == 0 ? FAIL_AFTER : FAIL;
}

static long after(int fate, long result) {
    if (fate == HALF) die();
    if (fate == FAIL_AFTER) {
        errno = EIO;
        return -1;
    }
    return result;
}

static int refused(int fate) {
    if (fate != FAIL) return 0;
    if (errno != ENOSPC && errno != EROFS) errno = EIO;
    return 1;
}

/* `errno` is what `refused` looks at, so it is set before a call is counted. */
#define CHECK(is_below, room)               \
    int fate = GO_ON;                       \
    if (is_below) {                         \
        int before = errno;                 \
        errno = 0;                          \
        fate = next(room);                  \
        if (refused(fate)) return -1;       \
        errno = before;                     \
    }

__attribute__((destructor)) static void report(void) {
    const char *path = getenv("FAULTS_COUNT");
    if (!path) return;
    FILE *file = fopen(path, "w");
    if (!file) return;
    fprintf(file, "%ld\n", atomic_load(&calls));
    fclose(file);
}

ssize_t write(int fd, const void *bytes, size_t count) {
    CHECK(below_fd(fd), ROOM)
    if (fate == HALF) count /= 2;
    return after(fate, REAL("write", ssize_t(*)(int, const void *, size_t))(fd, bytes, count));
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
    CHECK(below_fd(fd), ROOM)
    if (fate == HALF) count /= 2;
    return after(fate, REAL("writev", ssize_t(*)(int, const struct iovec *, int))(fd, parts, count));
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at) {
    CHECK(below_fd(fd), ROOM)
    if (fate == HALF) count /= 2;
    return after(fate,
                 REAL("pwrite64", ssize_t(*)(int, const void *, size_t, off64_t))(fd, bytes, count, at));
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at) {
    return pwrite64(fd, bytes, count, at);
}

ssize_t copy_file_range(int in, off64_t *from, int out, off64_t *to, size_t count, unsigned flags) {
    CHECK(below_fd(out), ROOM)
    if (fate == HALF) count = 4096;
    return after(fate, REAL("copy_file_range", ssize_t(*)(int, off64_t *, int, off64_t *, size_t, unsigned))(
                           in, from, out, to, count, flags));
}

/* The disk itself is not waited for: what is tested is what the program does when it is told that
 * flushing failed. */
int fsync(int fd) {
    CHECK(below_fd(fd), NO_ROOM)
    return (int)after(fate, 0);
}

int fdatasync(int fd) {
    CHECK(below_fd(fd), NO_ROOM)
    return (int)after(fate, 0);
}

int ftruncate64(int fd, off64_t size) {
    CHECK(below_fd(fd), size > 0 ? ROOM : NO_ROOM)
    return (int)after(fate, REAL("ftruncate64", int (*)(int, off64_t))(fd, size));
}

int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }

int posix_fallocate64(int fd, off64_t from, off64_t size) {
    if (below_fd(fd)) {
        int fate = next(ROOM);
        if (fate == FAIL || fate == FAIL_AFTER) return errno == ENOSPC ? ENOSPC : EIO;
        if (fate == HALF) die();
    }
    return REAL("posix_fallocate64", int (*)(int, off64_t, off64_t))(fd, from, size);
}

int rename(const char *from, const char *to) {
    CHECK(below(to), NO_ROOM)
    return (int)after(fate, REAL("rename", int (*)(const char *, const char *))(from, to));
}

int unlink(const char *path) {
    CHECK(below(path) && access(path, F_OK) == 0, NO_ROOM)
    return (int)after(fate, REAL("unlink", int (*)(const char *))(path));
}

int rmdir(const char *path) {
    CHECK(below(path), NO_ROOM)
    return (int)after(fate, REAL("rmdir", int (*)(const char *))(path));
}

int unlinkat(int folder, const char *path, int flags) {
    CHECK(below_fd(folder), NO_ROOM)
    return (int)after(fate, REAL("unlinkat", int (*)(int, const char *, int))(folder, path, flags));
}

int mkdir(const char *path, mode_t mode) {
    CHECK(below(path) && access(path, F_OK) != 0, ROOM)
    return (int)after(fate, REAL("mkdir", int (*)(const char *, mode_t))(path, mode));
}

int chmod(const char *path, mode_t mode) {
    CHECK(below(path), NO_ROOM)
    return (int)after(fate, REAL("chmod", int (*)(const char *, mode_t))(path, mode));
}

/* Only a file that is made counts; on a read-only disk, one that may be written too. */
static int opened(const char *name, int folder, const char *path, int flags, mode_t mode) {
    const char *how = getenv("FAULTS_MODE");
    int locked = how && strcmp(how, "locked") == 0 && (flags & O_ACCMODE) != O_RDONLY;
    int made = locked || ((flags & O_CREAT) && access(path, F_OK) != 0);
    CHECK(made && below(path), ROOM)
    int file = REAL(name, int (*)(int, const char *, int, ...))(folder, path, flags, mode);
    if (fate == FAIL_AFTER && file >= 0) close(file);
    return (int)after(fate, file);
}

#define MODE_OF(flags)                      \
    mode_t mode = 0;                        \
    if ((flags) & (O_CREAT | __O_TMPFILE)) { \
        va_list more;                       \
        va_start(more, flags);              \
        mode = va_arg(more, mode_t);        \
        va_end(more);                       \
    }

int open(const char *path, int flags, ...) {
    MODE_OF(flags)
    return opened("openat64", AT_FDCWD, path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    MODE_OF(flags)
    return opened("openat64", AT_FDCWD, path, flags, mode);
}

int openat64(int folder, const char *path, int flags, ...) {
    MODE_OF(flags)
    return opened("openat64", folder, path, flags, mode);
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    int result = REAL("clock_gettime", int (*)(clockid_t, struct timespec *))(clock, now);
    const char *moved = getenv("FAULTS_CLOCK");
    if (result == 0 && moved && clock == CLOCK_REALTIME) now->tv_sec += atol(moved);
    return result;
}
