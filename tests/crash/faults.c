/* A disk that fails on demand: preloaded into a program, it makes writes to page files fail as a full or broken disk
 * does. What fails stands in the file that INKFALL_FAULT names: "full" (no room), "sync" (fsync fails), "write" (an
 * I/O error), "half" (only half of each write fits, then no room); anything else, or no such file: nothing. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int of_a_page(int fd) {
    char link[64], name[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t size = readlink(link, name, sizeof name - 1);
    if (size <= 0) return 0;
    name[size] = 0;
    return strstr(name, ".inkfall") != NULL;
}

static int fault(const char *kind) {
    const char *path = getenv("INKFALL_FAULT");
    char content[16] = "";
    if (!path) return 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return 0;
    ssize_t size = read(fd, content, sizeof content - 1);
    close(fd);
    return size > 0 && strncmp(content, kind, strlen(kind)) == 0;
}

static ssize_t put(int fd, const void *data, size_t size, off_t where, int at) {
    if (fd > 2 && getenv("INKFALL_FAULT") && of_a_page(fd)) {
        if (fault("full")) { errno = ENOSPC; return -1; }
        if (fault("write")) { errno = EIO; return -1; }
        if (fault("half")) {
            if (size < 2048) { errno = ENOSPC; return -1; }
            size /= 2;
        }
    }
    return at ? syscall(SYS_pwrite64, fd, data, size, where) : syscall(SYS_write, fd, data, size);
}

ssize_t write(int fd, const void *data, size_t size) { return put(fd, data, size, 0, 0); }
ssize_t pwrite(int fd, const void *data, size_t size, off_t where) { return put(fd, data, size, where, 1); }
ssize_t pwrite64(int fd, const void *data, size_t size, off_t where) { return put(fd, data, size, where, 1); }

int fsync(int fd) {
    if (of_a_page(fd) && fault("sync")) { errno = EIO; return -1; }
    return syscall(SYS_fsync, fd);
}

int fdatasync(int fd) {
    if (of_a_page(fd) && fault("sync")) { errno = EIO; return -1; }
    return syscall(SYS_fdatasync, fd);
}
