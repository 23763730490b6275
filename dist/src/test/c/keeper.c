/*
 * keeper: a service manager with one socket, as systemd and launchd are for Turnpike.
 *
 *   keeper <descriptor> <socket> <program> <argument>...
 *
 * Listens on the socket and, whenever somebody calls and the program does not run, starts it with the listening socket on that descriptor:
 * 0, as StandardInput=socket does, or 3, with the variables of sd_listen_fds(3). SIGTERM ends the program, then the keeper.
 */
#define _GNU_SOURCE

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

static volatile sig_atomic_t over;

static void end(int number) {
  (void)number;
  over = 1;
}

static int listening(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof address.sun_path) return -1;
  strcpy(address.sun_path, path);
  unlink(path);
  umask(0177);
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || listen(fd, 512) != 0) return -1;
  umask(077);
  /* out of the way of the descriptors that the program gets */
  int high = fcntl(fd, F_DUPFD_CLOEXEC, 10);
  close(fd);
  return high;
}

static pid_t start(int fd, int as, char **program) {
  pid_t child = fork();
  if (child != 0) return child;
#ifdef __linux__
  prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
  dup2(fd, as);
  if (as == 3) {
    char pid[24];
    snprintf(pid, sizeof pid, "%ld", (long)getpid());
    setenv("LISTEN_PID", pid, 1);
    setenv("LISTEN_FDS", "1", 1);
  }
  execv(program[0], program);
  _exit(127);
}

int main(int argc, char **argv) {
  if (argc < 4) return 2;
  int fd = listening(argv[2]);
  if (fd < 0) {
    perror(argv[2]);
    return 1;
  }
  struct sigaction action = {.sa_handler = end};
  sigaction(SIGTERM, &action, NULL);
  pid_t child = 0;
  while (!over) {
    if (child > 0 && waitpid(child, NULL, WNOHANG) == child) child = 0;
    struct pollfd callers = {.fd = child > 0 ? -1 : fd, .events = POLLIN};
    int called = poll(&callers, 1, 20);
    if (called > 0 && child <= 0) child = start(fd, atoi(argv[1]), argv + 3);
  }
  if (child > 0) {
    kill(child, SIGTERM);
    waitpid(child, NULL, 0);
  }
  unlink(argv[2]);
  return 0;
}
