/* A disk that fails, for a process that this is loaded into with LD_PRELOAD.
 *
 * FAULTS_DATA is the folder whose files are meant. While a file is there in the folder FAULTS, its fault is:
 *
 *   sync-eio          fsync and fdatasync fail with EIO, and what was written since the last sync is lost
 *   write-eio         writes fail with EIO
 *   write-enospc      writes fail with ENOSPC
 *   create-enospc     so do writes to files that are being made: those named *.new
 */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

/* What a file had where it was written to since its last sync. */
struct written {
    int fd;
    off_t offset;
    ssize_t length;
    char *before;
};

static struct written written[256];
static int count;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static int is_on(const char *fault) {
    char path[PATH_MAX];
    const char *folder = getenv("FAULTS");
    if (!folder) return 0;
    snprintf(path, sizeof path, "%s/%s", folder, fault);
    return syscall(SYS_access, path, F_OK) == 0;
}

/* Whether the file is in the data folder; its name ends with `ending`. */
static int is_data(int fd, const char *ending) {
    char link[64], path[PATH_MAX];
    const char *folder = getenv("FAULTS_DATA");
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (!folder || length < 0) return 0;
    path[length] = 0;
    size_t tail = strlen(ending);
    return strncmp(path, folder, strlen(folder)) == 0 && (size_t)length >= tail
        && strcmp(path + length - tail, ending) == 0;
}

/* Forgets what was written to the file; undoes it, if it is lost. */
static void settle(int fd, int is_lost) {
    pthread_mutex_lock(&lock);
    for (int at = count - 1; at >= 0; at--) {
        if (written[at].fd != fd) continue;
        if (is_lost) syscall(SYS_pwrite64, fd, written[at].before, written[at].length, written[at].offset);
        free(written[at].before);
        memmove(&written[at], &written[at + 1], (count - at - 1) * sizeof written[0]);
        count--;
    }
    pthread_mutex_unlock(&lock);
}

static void remember(int fd, size_t length, off_t offset) {
    char *before = calloc(1, length);
    if (!before) abort();
    syscall(SYS_pread64, fd, before, length, offset);
    pthread_mutex_lock(&lock);
    if (count == sizeof written / sizeof written[0]) abort();
    written[count++] = (struct written){fd, offset, length, before};
    pthread_mutex_unlock(&lock);
}

static int sync_fails(int fd) {
    if (!is_data(fd, "")) return 0;
    int fails = is_on("sync-eio");
    settle(fd, fails);
    if (fails) errno = EIO;
    return fails;
}

static int write_fails(int fd) {
    if (!is_data(fd, "")) return 0;
    if (is_on("write-eio")) {
        errno = EIO;
        return 1;
    }
    if (is_on("write-enospc") || (is_on("create-enospc") && is_data(fd, ".new"))) {
        errno = ENOSPC;
        return 1;
    }
    return 0;
}

int fsync(int fd) {
    return sync_fails(fd) ? -1 : syscall(SYS_fsync, fd);
}

int fdatasync(int fd) {
    return sync_fails(fd) ? -1 : syscall(SYS_fdatasync, fd);
}

ssize_t write(int fd, const void *bytes, size_t length) {
    return write_fails(fd) ? -1 : syscall(SYS_write, fd, bytes, length);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off_t offset) {
    if (write_fails(fd)) return -1;
    if (is_data(fd, "")) remember(fd, length, offset);
    return syscall(SYS_pwrite64, fd, bytes, length, offset);
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) {
    return pwrite64(fd, bytes, length, offset);
}
