/*
 * load: hook calls as fast as they are answered, a connection each, and a sink that answers them and keeps nothing.
 *
 *   load SOCKET COUNT FILE      sends FILE so often, prints one JSON object
 *   load --sink SOCKET          serves until it is killed
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static char body[1 << 20];
static char head[2048];

static struct sockaddr_un address(const char *path)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof a.sun_path) {
        fprintf(stderr, "load: the socket's path is too long\n");
        exit(2);
    }
    strcpy(a.sun_path, path);
    return a;
}

static int sink(const char *path)
{
    static const char answer[] = "HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    struct sockaddr_un a = address(path);
    int s = socket(AF_UNIX, SOCK_STREAM, 0);
    signal(SIGPIPE, SIG_IGN);
    unlink(path);
    if (bind(s, (struct sockaddr *)&a, sizeof a) != 0 || listen(s, 128) != 0) {
        perror("load: listen");
        return 1;
    }
    for (;;) {
        int c = accept(s, NULL, NULL);
        size_t n = 0, need = 0;
        while (need == 0 || n < need) {
            ssize_t r = read(c, body + n, sizeof body - n - 1);
            if (r <= 0)
                break;
            n += (size_t)r;
            body[n] = 0;
            char *end = need == 0 ? strstr(body, "\r\n\r\n") : NULL;
            char *length = end ? strcasestr(body, "content-length:") : NULL;
            if (length)
                need = (size_t)(end - body) + 4 + (size_t)atol(length + 15);
        }
        if (write(c, answer, sizeof answer - 1) < 0) {
            /* the caller has gone */
        }
        close(c);
    }
}

static int once(const struct sockaddr_un *a, size_t length, long n)
{
    struct timespec t;
    char answer[1024];
    int s = socket(AF_UNIX, SOCK_STREAM, 0);
    if (connect(s, (const struct sockaddr *)a, sizeof *a) != 0) {
        perror("load: connect");
        exit(1);
    }
    clock_gettime(CLOCK_REALTIME, &t);
    int h = snprintf(head, sizeof head,
                     "POST /v1/events/claude-code HTTP/1.1\r\nHost: turnpike\r\nContent-Type: application/octet-stream\r\n"
                     "Content-Length: %zu\r\nTurnpike-Protocol: 1\r\nTurnpike-Event-Id: %ld-%ld-%ld\r\n"
                     "Turnpike-Time: %ld%09ld\r\nTurnpike-Cwd: /tmp\r\nTurnpike-Parent-Pid: 4700\r\nTurnpike-Client: 0.1.0\r\n"
                     "Turnpike-Env: CLAUDE_CODE_ENTRYPOINT=cli\r\n\r\n",
                     length, (long)t.tv_sec, (long)getpid(), n, (long)t.tv_sec, t.tv_nsec);
    int good = write(s, head, (size_t)h) == h && write(s, body, length) == (ssize_t)length;
    ssize_t r = good ? read(s, answer, sizeof answer) : 0;
    close(s);
    return r > 12 && strncmp(answer + 9, "202", 3) == 0;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "--sink") == 0)
        return sink(argv[2]);
    if (argc != 4) {
        fprintf(stderr, "usage: load SOCKET COUNT FILE | load --sink SOCKET\n");
        return 2;
    }
    FILE *f = fopen(argv[3], "r");
    if (!f) {
        perror(argv[3]);
        return 2;
    }
    size_t length = fread(body, 1, sizeof body, f);
    fclose(f);
    struct sockaddr_un a = address(argv[1]);
    long count = atol(argv[2]), taken = 0;
    double begun = now();
    for (long i = 0; i < count; i++)
        taken += once(&a, length, i);
    double seconds = now() - begun;
    printf("{\"sent\":%ld,\"taken\":%ld,\"seconds\":%.4f}\n", count, taken, seconds);
    return 0;
}
