/* Makes the k-th call of some kinds fail, for files below one folder: preloaded, so that every library meets it.

   The counted kinds are writes, syncs, renames, opens for writing, opens for reading, changes of a file's length, and
   locks. Streams of the C library are opened over a descriptor of ours, because the library's own would write behind
   our back. Nothing fails before shim_arm was called. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind { WRITE, SYNC, RENAME, CREATE, OPEN, LENGTH, LOCK, KINDS };

static struct {
    int armed;
    char folder[PATH_MAX];
    char only[256];   /* part of a path that must be in it; empty: any */
    int kinds;        /* bit per kind */
    long k;           /* the call that fails, from 1; 0: none */
    int error;        /* errno it fails with; 0: a short write and nothing else */
    int lasting;      /* whether all that come after it fail too */
    int shortened;    /* whether the k-th is a write of half its bytes, and only what follows fails */
} plan;

static atomic_long seen;
static atomic_long counts[KINDS];
static atomic_long fired;
static char where[PATH_MAX];

void shim_arm(const char *folder, const char *only, int kinds, long k, int error, int lasting, int shortened)
{
    snprintf(plan.folder, sizeof plan.folder, "%s", folder);
    snprintf(plan.only, sizeof plan.only, "%s", only);
    plan.kinds = kinds;
    plan.k = k;
    plan.error = error;
    plan.lasting = lasting;
    plan.shortened = shortened;
    plan.armed = 1;
}

void shim_disarm(void) { plan.armed = 0; }
long shim_count(int kind) { return atomic_load(&counts[kind]); }
long shim_fired(void) { return atomic_load(&fired); }
const char *shim_where(void) { return where; }

#define REAL(name) \
    static __typeof__(name) *real; \
    if (!real) real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

static int below(const char *path)
{
    size_t n = strlen(plan.folder);
    return !strncmp(path, plan.folder, n) && (path[n] == '/' || !path[n]) && (!*plan.only || strstr(path, plan.only));
}

static int path_of(int descriptor, char *path)
{
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    long n = syscall(SYS_readlinkat, AT_FDCWD, link, path, PATH_MAX - 1);
    if (n < 0) return 0;
    path[n] = 0;
    return 1;
}

/* 0: go on, 1: fail (errno is set), 2: do half of it */
static int strikes(enum kind kind, const char *path)
{
    if (!plan.armed || !below(path)) return 0;
    atomic_fetch_add(&counts[kind], 1);
    if (!(plan.kinds & 1 << kind) || !plan.k) return 0;
    long n = atomic_fetch_add(&seen, 1) + 1;
    if (n < plan.k || (n > plan.k && !plan.lasting)) return 0;
    if (!atomic_fetch_add(&fired, 1)) snprintf(where, sizeof where, "%d %s", kind, path);
    if (n == plan.k && plan.shortened) return kind == WRITE ? 2 : 0;
    if (!plan.error) return 0;
    errno = plan.error;
    return 1;
}

static int strikes_descriptor(enum kind kind, int descriptor)
{
    char path[PATH_MAX];
    int before = errno;
    if (!plan.armed || !path_of(descriptor, path)) { errno = before; return 0; }
    errno = before;
    return strikes(kind, path);
}

static int strikes_path(enum kind kind, int folder, const char *path)
{
    char whole[2 * PATH_MAX];
    if (!plan.armed || !path) return 0;
    if (*path == '/') return strikes(kind, path);
    if (folder == AT_FDCWD) {
        if (!getcwd(whole, PATH_MAX)) return 0;
    } else if (!path_of(folder, whole)) {
        return 0;
    }
    strncat(whole, "/", sizeof whole - strlen(whole) - 1);
    strncat(whole, path, sizeof whole - strlen(whole) - 1);
    return strikes(kind, whole);
}

static size_t half(size_t n) { return n > 1 ? n / 2 : n; }

ssize_t write(int fd, const void *data, size_t n)
{
    REAL(write);
    int what = strikes_descriptor(WRITE, fd);
    return what == 1 ? -1 : real(fd, data, what ? half(n) : n);
}

ssize_t pwrite(int fd, const void *data, size_t n, off_t at)
{
    REAL(pwrite);
    int what = strikes_descriptor(WRITE, fd);
    return what == 1 ? -1 : real(fd, data, what ? half(n) : n, at);
}

ssize_t pwrite64(int fd, const void *data, size_t n, off64_t at) { return pwrite(fd, data, n, at); }

ssize_t writev(int fd, const struct iovec *parts, int n)
{
    REAL(writev);
    int what = strikes_descriptor(WRITE, fd);
    if (what == 2) { REAL(write); return real(fd, parts[0].iov_base, half(parts[0].iov_len)); }
    return what ? -1 : real(fd, parts, n);
}

ssize_t pwritev(int fd, const struct iovec *parts, int n, off_t at)
{
    REAL(pwritev);
    int what = strikes_descriptor(WRITE, fd);
    if (what == 2) { REAL(pwrite); return real(fd, parts[0].iov_base, half(parts[0].iov_len), at); }
    return what ? -1 : real(fd, parts, n, at);
}

ssize_t pwritev64(int fd, const struct iovec *parts, int n, off64_t at) { return pwritev(fd, parts, n, at); }

ssize_t sendfile(int to, int from, off_t *at, size_t n)
{
    REAL(sendfile);
    int what = strikes_descriptor(WRITE, to);
    return what == 1 ? -1 : real(to, from, at, what ? half(n) : n);
}

ssize_t sendfile64(int to, int from, off64_t *at, size_t n) { return sendfile(to, from, at, n); }

ssize_t copy_file_range(int from, off64_t *at, int to, off64_t *there, size_t n, unsigned flags)
{
    REAL(copy_file_range);
    int what = strikes_descriptor(WRITE, to);
    return what == 1 ? -1 : real(from, at, to, there, what ? half(n) : n, flags);
}

int fsync(int fd) { REAL(fsync); return strikes_descriptor(SYNC, fd) == 1 ? -1 : real(fd); }
int fdatasync(int fd) { REAL(fdatasync); return strikes_descriptor(SYNC, fd) == 1 ? -1 : real(fd); }

int ftruncate(int fd, off_t n) { REAL(ftruncate); return strikes_descriptor(LENGTH, fd) == 1 ? -1 : real(fd, n); }
int ftruncate64(int fd, off64_t n) { return ftruncate(fd, n); }

int posix_fallocate(int fd, off_t at, off_t n)
{
    REAL(posix_fallocate);
    return strikes_descriptor(LENGTH, fd) == 1 ? errno : real(fd, at, n);
}

int posix_fallocate64(int fd, off64_t at, off64_t n) { return posix_fallocate(fd, at, n); }

int fallocate(int fd, int mode, off_t at, off_t n)
{
    REAL(fallocate);
    return strikes_descriptor(LENGTH, fd) == 1 ? -1 : real(fd, mode, at, n);
}

int fallocate64(int fd, int mode, off64_t at, off64_t n) { return fallocate(fd, mode, at, n); }

int rename(const char *old, const char *new)
{
    REAL(rename);
    return strikes_path(RENAME, AT_FDCWD, new) == 1 ? -1 : real(old, new);
}

int renameat(int from, const char *old, int to, const char *new)
{
    REAL(renameat);
    return strikes_path(RENAME, to, new) == 1 ? -1 : real(from, old, to, new);
}

int renameat2(int from, const char *old, int to, const char *new, unsigned flags)
{
    REAL(renameat2);
    return strikes_path(RENAME, to, new) == 1 ? -1 : real(from, old, to, new, flags);
}

int mkdir(const char *path, mode_t mode)
{
    REAL(mkdir);
    return strikes_path(CREATE, AT_FDCWD, path) == 1 ? -1 : real(path, mode);
}

int mkdirat(int folder, const char *path, mode_t mode)
{
    REAL(mkdirat);
    return strikes_path(CREATE, folder, path) == 1 ? -1 : real(folder, path, mode);
}

static enum kind opening(int flags) { return flags & (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC) ? CREATE : OPEN; }

static int opened(int folder, const char *path, int flags, mode_t mode)
{
    static int (*real)(int, const char *, int, ...);
    if (!real) real = (int (*)(int, const char *, int, ...))dlsym(RTLD_NEXT, "openat");
    return strikes_path(opening(flags), folder, path) == 1 ? -1 : real(folder, path, flags, mode);
}

#define MODE(after) \
    mode_t mode = 0; \
    if (flags & (O_CREAT | __O_TMPFILE)) { va_list rest; va_start(rest, after); mode = va_arg(rest, mode_t); va_end(rest); }

int open(const char *path, int flags, ...) { MODE(flags) return opened(AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE(flags) return opened(AT_FDCWD, path, flags | O_LARGEFILE, mode); }
int openat(int folder, const char *path, int flags, ...) { MODE(flags) return opened(folder, path, flags, mode); }
int openat64(int folder, const char *path, int flags, ...) { MODE(flags) return opened(folder, path, flags | O_LARGEFILE, mode); }
int creat(const char *path, mode_t mode) { return opened(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode); }
int creat64(const char *path, mode_t mode) { return creat(path, mode); }
int __open_2(const char *path, int flags) { return opened(AT_FDCWD, path, flags, 0); }
int __open64_2(const char *path, int flags) { return opened(AT_FDCWD, path, flags | O_LARGEFILE, 0); }

static int locking(int command)
{
    return command == F_SETLK || command == F_SETLKW || command == F_OFD_SETLK || command == F_OFD_SETLKW;
}

int fcntl(int fd, int command, ...)
{
    REAL(fcntl);
    va_list rest;
    va_start(rest, command);
    void *argument = va_arg(rest, void *);
    va_end(rest);
    if (locking(command) && ((struct flock *)argument)->l_type != F_UNLCK && strikes_descriptor(LOCK, fd) == 1) return -1;
    return real(fd, command, argument);
}

int fcntl64(int fd, int command, ...)
{
    va_list rest;
    va_start(rest, command);
    void *argument = va_arg(rest, void *);
    va_end(rest);
    return fcntl(fd, command, argument);
}

int flock(int fd, int operation)
{
    REAL(flock);
    return !(operation & LOCK_UN) && strikes_descriptor(LOCK, fd) == 1 ? -1 : real(fd, operation);
}

/* Streams. */

#define STREAMS 4096
static struct { FILE *stream; int descriptor; } streams[STREAMS];

static ssize_t stream_read(void *cookie, char *data, size_t n) { return read((int)(long)cookie, data, n); }

static ssize_t stream_write(void *cookie, const char *data, size_t n)
{
    size_t done = 0;
    while (done < n) {
        ssize_t more = write((int)(long)cookie, data + done, n - done);
        if (more < 0) break;
        done += (size_t)more;
    }
    return (ssize_t)done;
}

static int stream_seek(void *cookie, off64_t *at, int whence)
{
    off64_t found = lseek64((int)(long)cookie, *at, whence);
    if (found < 0) return -1;
    *at = found;
    return 0;
}

static int stream_close(void *cookie)
{
    for (int i = 0; i < STREAMS; i++)
        if (streams[i].stream && streams[i].descriptor == (int)(long)cookie) streams[i].stream = NULL;
    return close((int)(long)cookie);
}

static FILE *stream_over(int descriptor, const char *mode)
{
    cookie_io_functions_t with = { stream_read, stream_write, stream_seek, stream_close };
    FILE *stream = fopencookie((void *)(long)descriptor, mode, with);
    for (int i = 0; stream && i < STREAMS; i++)
        if (!streams[i].stream) { streams[i].stream = stream; streams[i].descriptor = descriptor; break; }
    return stream;
}

static int ours(const char *path)
{
    return plan.armed && *path == '/' && below(path);
}

static FILE *opened_stream(const char *path, const char *mode, FILE *(*real)(const char *, const char *))
{
    if (!ours(path) || *mode == 'r') return real(path, mode);
    int flags = O_CREAT | (strchr(mode, '+') ? O_RDWR : O_WRONLY) | (*mode == 'a' ? O_APPEND : O_TRUNC);
    int descriptor = open(path, flags, 0666);
    return descriptor < 0 ? NULL : stream_over(descriptor, mode);
}

FILE *fopen(const char *path, const char *mode) { REAL(fopen); return opened_stream(path, mode, real); }
FILE *fopen64(const char *path, const char *mode) { REAL(fopen64); return opened_stream(path, mode, real); }

FILE *fdopen(int descriptor, const char *mode)
{
    REAL(fdopen);
    char path[PATH_MAX];
    if (!plan.armed || *mode == 'r' || !path_of(descriptor, path) || !ours(path)) return real(descriptor, mode);
    return stream_over(descriptor, mode);
}

int fileno(FILE *stream)
{
    REAL(fileno);
    for (int i = 0; plan.armed && i < STREAMS; i++)
        if (streams[i].stream == stream) return streams[i].descriptor;
    return real(stream);
}

int fileno_unlocked(FILE *stream) { return fileno(stream); }
