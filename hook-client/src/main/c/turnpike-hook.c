/*
 * turnpike-hook: tells the Turnpike daemon that something happened in an agent.
 *
 *   turnpike-hook <agent> [<event>]      the hook's payload on stdin
 *
 * An agent runs this program many times a turn and waits for it, so the whole design follows from one
 * promise: it never hurts. It reads stdin, posts it over the daemon's Unix socket with a few facts about
 * the call, and leaves. What could not be handed over goes to the spool, a directory the daemon empties.
 * It exits 0 and says nothing, whatever happens; every wait has an end.
 *
 * No stdio, no locale, no name service, no threads: a static binary that starts faster than /bin/true.
 * docs/hook-client.md holds the promises in prose, docs/socket-api.md the protocol.
 */
#define _GNU_SOURCE     /* struct ucred, SO_PEERCRED, memmem */
#define _DARWIN_C_SOURCE

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h> /* renameat, and nothing else */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#ifdef __APPLE__
#include <mach-o/dyld.h>
#else
#include <sys/syscall.h>
#endif

#ifndef TURNPIKE_VERSION
#error "TURNPIKE_VERSION comes from the pom, through build.sh"
#endif

extern char **environ;

/* ---- Limits ------------------------------------------------------------------------------------ */

#define KIB ((size_t)1024)
#define MIB (KIB * KIB)

enum {
  INPUT_IDLE_MS = 300,    /* stdin silent for so long: take what there is, if it can be a whole payload */
  INPUT_TOTAL_MS = 3000,  /* stdin, altogether */
  PATIENCE_MS = 200,      /* waiting for the daemon: connect, send, answer */
  TRANSFER_MS = 1000,     /* the same while a large body still flows */
  WATCHDOG_S = 6,         /* the end, if a file system or stdout itself hangs */
  START_INTERVAL_S = 10,  /* a daemon is started at most once in so long */
};

#define BODY_FIRST (64 * KIB)
#define BODY_LIMIT (16 * MIB)
#define ENV_VALUE_LIMIT (8 * KIB) /* one value, before encoding */
#define ENV_TOTAL_LIMIT (64 * KIB) /* all Turnpike-Env lines, as sent */
#define ENV_COUNT_LIMIT 256 /* the daemon refuses a head with more than 500 */
#define EVENT_NAME_LIMIT 128
#define AGENT_NAME_LIMIT 64
#define HEAD_LIMIT (96 * KIB) /* the environment, an encoded working directory, and the fixed lines */
#define ANSWER_HEAD_LIMIT (8 * KIB)
#define ANSWER_BODY_LIMIT (64 * KIB)
#define PATH_LIMIT 4096

_Static_assert(HEAD_LIMIT >= ENV_TOTAL_LIMIT + 3 * PATH_LIMIT + 3 * EVENT_NAME_LIMIT + KIB,
               "the head always fits");
_Static_assert(BODY_LIMIT == BODY_FIRST * 4 * 4 * 4 * 4, "the body grows to its limit exactly");

#define SPOOL_FILES 10000
#define SPOOL_BYTES (64 * MIB)
#define DROPPED_LIMIT ((off_t)MIB) /* the list of drops itself is bounded; its lines are then "at least" */

/* ---- Time and waiting -------------------------------------------------------------------------- */

static int64_t monotonic_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static uint64_t wall_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

static int64_t earlier(int64_t a, int64_t b) { return a < b ? a : b; }

/* True once fd can be used without blocking; false when the deadline passed or fd is no descriptor. */
static bool wait_until(int fd, short what, int64_t deadline_ms) {
  struct pollfd wanted = {.fd = fd, .events = what};
  for (;;) {
    int64_t left = deadline_ms - monotonic_ms();
    int ready = poll(&wanted, 1, left > 0 ? (int)left : 0);
    if (ready > 0) return (wanted.revents & POLLNVAL) == 0;
    if (ready == 0 || errno != EINTR) return false;
  }
}

/* ---- Text: a bounded buffer --------------------------------------------------------------------- */

struct text {
  char *bytes;
  size_t length;
  size_t capacity;
  bool overflowed; /* something did not fit and was left out */
};

static void put_bytes(struct text *text, const char *bytes, size_t length) {
  if (length > text->capacity - text->length) {
    text->overflowed = true;
    return;
  }
  memcpy(text->bytes + text->length, bytes, length);
  text->length += length;
}

static void put(struct text *text, const char *string) { put_bytes(text, string, strlen(string)); }

static void put_number(struct text *text, uint64_t number) {
  char digits[20];
  size_t at = sizeof digits;
  do {
    digits[--at] = (char)('0' + number % 10);
    number /= 10;
  } while (number > 0);
  put_bytes(text, digits + at, sizeof digits - at);
}

static void put_hex(struct text *text, uint64_t number, int digits) {
  for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) {
    put_bytes(text, &"0123456789abcdef"[(number >> shift) & 15], 1);
  }
}

static bool alphanumeric(unsigned char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool sent_as_is(unsigned char c) {
  return alphanumeric(c) || (c != '\0' && strchr("._~/:@+,=-", c) != NULL);
}

static size_t encoded_length(const char *string) {
  size_t length = 0;
  for (; *string != '\0'; string++) length += sent_as_is((unsigned char)*string) ? 1 : 3;
  return length;
}

/* Percent-encodes, so that any byte survives and none can end a header. */
static void put_encoded(struct text *text, const char *string, size_t limit) {
  static const char hex[] = "0123456789ABCDEF";
  for (; *string != '\0' && limit > 0; string++, limit--) {
    unsigned char c = (unsigned char)*string;
    if (sent_as_is(c)) {
      put_bytes(text, string, 1);
    } else {
      put_bytes(text, (char[]){'%', hex[c >> 4], hex[c & 15]}, 3);
    }
  }
}

/* ---- Paths ---------------------------------------------------------------------------------------- */

#ifdef __APPLE__
#define STATE_BELOW_HOME "/Library/Application Support/turnpike"
#else
#define STATE_BELOW_HOME "/.local/state/turnpike"
#endif

struct path {
  char text[PATH_LIMIT];
};

/* False, and an empty path, when the base is unknown or the whole does not fit. */
static bool join(struct path *path, const char *base, const char *below) {
  struct text text = {.bytes = path->text, .capacity = sizeof path->text - 1};
  if (base != NULL) {
    put(&text, base);
    put(&text, below);
  }
  if (text.overflowed) text.length = 0;
  path->text[text.length] = '\0';
  return text.length > 0;
}

/* The variable's value; an empty one counts as not set. */
static const char *setting(const char *name) {
  const char *value = getenv(name);
  return value != NULL && value[0] != '\0' ? value : NULL;
}

/* A relative path is ignored, as the XDG specification says: our files would land in the user's project. */
static const char *absolute(const char *name) {
  const char *value = setting(name);
  return value != NULL && value[0] == '/' ? value : NULL;
}

/* A number as a string of its own. */
static const char *decimal(char digits[24], uint64_t number) {
  struct text text = {.bytes = digits, .capacity = 23};
  put_number(&text, number);
  digits[text.length] = '\0';
  return digits;
}

static char scratch[ANSWER_HEAD_LIMIT + ANSWER_BODY_LIMIT]; /* input to throw away, passwd, the answer */

/* getpwuid would load the name service, which a static program cannot; only the file is asked, its start. */
static const char *home_from_passwd(void) {
  int fd = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return NULL;
  ssize_t length = read(fd, scratch, sizeof scratch - 1);
  close(fd);
  if (length <= 0) return NULL;
  scratch[length] = '\0';

  char digits[24];
  const char *uid = decimal(digits, getuid());
  char *rest = scratch;
  for (char *line = strsep(&rest, "\n"); line != NULL && rest != NULL; line = strsep(&rest, "\n")) {
    char *field[6]; /* name, password, uid, gid, comment, home */
    int fields = 0;
    while (fields < 6 && line != NULL) field[fields++] = strsep(&line, ":");
    if (fields == 6 && strcmp(field[2], uid) == 0) return field[5];
  }
  return NULL;
}

static const char *home(void) {
  static struct path from_passwd;
  const char *value = absolute("HOME");
  if (value != NULL) return value;
  if (from_passwd.text[0] == '\0') join(&from_passwd, home_from_passwd(), "");
  return from_passwd.text[0] == '/' ? from_passwd.text : NULL;
}

static bool state_directory(struct path *path) {
  const char *own = setting("TURNPIKE_HOME");
  if (own != NULL) return join(path, own, "/state");
  const char *xdg = absolute("XDG_STATE_HOME");
  return xdg != NULL ? join(path, xdg, "/turnpike") : join(path, home(), STATE_BELOW_HOME);
}

/* ---- The body: stdin ------------------------------------------------------------------------------ */

struct body {
  char *bytes;
  size_t length;
  size_t capacity;
  bool truncated; /* there was more, or there should have been */
};

/* Nearly every payload fits into the first buffer, which costs nothing until it is touched. */
static bool grow(struct body *body) {
  static char first[BODY_FIRST];
  if (body->capacity == 0) {
    *body = (struct body){.bytes = first, .capacity = sizeof first};
    return true;
  }
  const size_t capacity = body->capacity * 4;
  char *bytes = capacity > BODY_LIMIT ? NULL : realloc(body->bytes == first ? NULL : body->bytes, capacity);
  if (bytes == NULL) return false;
  if (body->bytes == first) memcpy(bytes, first, body->length);
  body->bytes = bytes;
  body->capacity = capacity;
  return true;
}

/* Every agent sends one JSON value. Some leave stdin open after it. */
static bool looks_complete(const struct body *body) {
  size_t end = body->length;
  while (end > 0 && memchr(" \t\r\n", body->bytes[end - 1], 4) != NULL) end--;
  return end == 0 || body->bytes[end - 1] == '}' || body->bytes[end - 1] == ']';
}

/*
 * Reads to the end of stdin. Beyond the limit it goes on reading and throws away: an agent that gets
 * EPIPE from its hook may report a failed hook.
 */
static void read_body(struct body *body) {
  const int64_t end_ms = monotonic_ms() + INPUT_TOTAL_MS;
  for (;;) {
    const int64_t now_ms = monotonic_ms();
    if (!wait_until(STDIN_FILENO, POLLIN, earlier(now_ms + INPUT_IDLE_MS, end_ms))) {
      if (body->truncated || looks_complete(body)) return;
      if (monotonic_ms() < end_ms) continue;
      body->truncated = true;
      return;
    }
    bool full = body->truncated || (body->length == body->capacity && !grow(body));
    ssize_t got = full ? read(STDIN_FILENO, scratch, sizeof scratch)
                       : read(STDIN_FILENO, body->bytes + body->length, body->capacity - body->length);
    if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN)) return;
    if (got > 0 && full) body->truncated = true;
    if (got > 0 && !full) body->length += (size_t)got;
    if (now_ms >= end_ms) { /* a writer without end */
      body->truncated = true;
      return;
    }
  }
}

/* ---- The environment: only what is on the list ------------------------------------------------------ */

enum rank { NEVER, OF_THE_AGENT, OF_TURNPIKE };

static bool begins_with(const char *string, const char *prefix) {
  return strncmp(string, prefix, strlen(prefix)) == 0;
}

static bool among(const char *name, const char *const *names) {
  for (; *names != NULL; names++) {
    if (strcmp(name, *names) == 0) return true;
  }
  return false;
}

/* Claude Code keeps live credentials in variables of its own; their names give them away. */
static bool sounds_secret(const char *name) {
  static const char *const words[] = {"TOKEN",      "SECRET", "KEY",    "PASSWORD",
                                      "CREDENTIAL", "AUTH",   "SOCKET", NULL};
  for (const char *const *word = words; *word != NULL; word++) {
    if (strstr(name, *word) != NULL) return true;
  }
  return false;
}

/* Which variables leave the process. Not TRACEPARENT: it belongs to whatever runs around the agent. */
static enum rank rank_of(const char *name) {
  static const char *const settings[] = {"LANGFUSE_", "CC_LANGFUSE_", "TURNPIKE_",
                                         "CLAUDE_PLUGIN_OPTION_LANGFUSE_",
                                         "CLAUDE_PLUGIN_OPTION_TURNPIKE_", NULL};
  /* Of the other agents just those that say where, which session, which version. No key, no URL. */
  static const char *const facts[] = {
      "OTEL_RESOURCE_ATTRIBUTES", "CLAUDECODE",
      "CODEX_HOME", "CODEX_MANAGED_BY_NPM",
      "GEMINI_CLI_HOME", "GEMINI_CWD", "GEMINI_PLANS_DIR", "GEMINI_PROJECT_DIR", "GEMINI_SESSION_ID",
      "GEMINI_TELEMETRY_ENABLED", "GEMINI_TELEMETRY_LOG_PROMPTS", "GEMINI_TELEMETRY_OTLP_PROTOCOL",
      "GEMINI_TELEMETRY_TARGET", "GEMINI_TELEMETRY_TRACES_ENABLED",
      "CURSOR_CODE_REMOTE", "CURSOR_PLUGIN_ROOT", "CURSOR_PROJECT_DIR", "CURSOR_TRANSCRIPT_PATH",
      "CURSOR_USER_EMAIL", "CURSOR_VERSION",
      "COPILOT_CLI", "COPILOT_CLI_BINARY_VERSION", "COPILOT_HOME", "COPILOT_HOOK_DIR", "COPILOT_MODEL",
      "COPILOT_OFFLINE", "COPILOT_OTEL_CAPTURE_CONTENT", "COPILOT_OTEL_ENABLED",
      "COPILOT_OTEL_EXPORTER_TYPE", "COPILOT_OTEL_FILE_EXPORTER_PATH",
      "COPILOT_OTEL_MAX_ATTRIBUTE_SIZE_CHARS", "COPILOT_OTEL_PROTOCOL", "COPILOT_OTEL_SOURCE_NAME",
      "COPILOT_PROJECT_DIR", "COPILOT_PROVIDER_MODEL_ID", "COPILOT_PROVIDER_TYPE",
      "COPILOT_PROVIDER_WIRE_API",
      "KIRO_CONVERSATION_ID", "KIRO_HOME", "KIRO_HOOK_EVENT", "KIRO_HOOK_FILE", "KIRO_MODEL",
      "KIRO_SESSION_ID", "KIRO_TOOL_NAME",
      "AUGMENT_CONVERSATION_ID", "AUGMENT_HOOK_EVENT", "AUGMENT_PLUGIN_ROOT", "AUGMENT_PROJECT_DIR",
      "AUGMENT_TOOL_NAME", NULL};

  for (const char *c = name; *c != '\0'; c++) {
    if (!alphanumeric((unsigned char)*c) && *c != '_') return NEVER; /* a name is sent as it is */
  }
  if (strcmp(name, "TRACE_TO_LANGFUSE") == 0) return OF_TURNPIKE;
  for (const char *const *prefix = settings; *prefix != NULL; prefix++) {
    if (begins_with(name, *prefix)) return OF_TURNPIKE;
  }
  if (begins_with(name, "CLAUDE_") && !sounds_secret(name)) return OF_THE_AGENT;
  return among(name, facts) ? OF_THE_AGENT : NEVER;
}

/* What the environment may still take of the head, and how many variables found no place in it. */
struct room {
  size_t bytes;
  unsigned variables;
  unsigned dropped;
};

static void put_environment(struct text *head, enum rank rank, struct room *room) {
  static const char label[] = "Turnpike-Env: ";
  for (char **entry = environ; *entry != NULL; entry++) {
    const char *equals = strchr(*entry, '=');
    char name[256];
    if (equals == NULL || (size_t)(equals - *entry) >= sizeof name) continue;
    size_t name_length = (size_t)(equals - *entry);
    memcpy(name, *entry, name_length);
    name[name_length] = '\0';
    if (rank_of(name) != rank) continue;

    const char *value = equals + 1;
    size_t line = strlen(label) + name_length + 1 + encoded_length(value) + 2;
    if (strlen(value) > ENV_VALUE_LIMIT || line > room->bytes || room->variables == 0) {
      room->dropped++;
      continue;
    }
    room->bytes -= line;
    room->variables--;
    put(head, label);
    put(head, name);
    put(head, "=");
    put_encoded(head, value, ENV_VALUE_LIMIT);
    put(head, "\r\n");
  }
}

/* ---- The request ------------------------------------------------------------------------------------ */

struct call {
  const char *agent;
  const char *event; /* NULL where the agent's settings name none */
  uint64_t time_ns;
  struct body body;
};

struct request {
  struct text head;
  const struct body *body;
};

static uint32_t random_bits(void) {
  uint32_t bits = 0;
  if (getentropy(&bits, sizeof bits) != 0) bits = (uint32_t)(uintptr_t)environ ^ (uint32_t)monotonic_ms();
  return bits;
}

static void put_line(struct text *head, const char *name, uint64_t number) {
  put(head, name);
  put_number(head, number);
  put(head, "\r\n");
}

static void write_head(struct text *head, const struct call *call) {
  put(head, "POST /v1/events/");
  put(head, call->agent);
  put(head, " HTTP/1.1\r\n"
            "Host: turnpike\r\n"
            "Connection: close\r\n"
            "Content-Type: application/octet-stream\r\n");
  put_line(head, "Content-Length: ", call->body.length);
  put(head, "Turnpike-Protocol: 1\r\n"
            "Turnpike-Client: " TURNPIKE_VERSION "\r\n"
            "Turnpike-Event-Id: ");
  put_hex(head, call->time_ns, 16);
  put(head, "-");
  put_hex(head, (uint64_t)getpid(), 8);
  put(head, "-");
  put_hex(head, random_bits(), 8);
  put(head, "\r\n");
  put_line(head, "Turnpike-Time: ", call->time_ns);
  put_line(head, "Turnpike-Parent-Pid: ", (uint64_t)getppid());

  static struct path cwd;
  if (getcwd(cwd.text, sizeof cwd.text) != NULL) { /* a removed directory has no name: no header then */
    put(head, "Turnpike-Cwd: ");
    put_encoded(head, cwd.text, sizeof cwd.text);
    put(head, "\r\n");
  }
  if (call->event != NULL) {
    put(head, "Turnpike-Event: ");
    put_encoded(head, call->event, EVENT_NAME_LIMIT);
    put(head, "\r\n");
  }
  if (call->body.truncated) put_line(head, "Turnpike-Truncated: ", call->body.length);

  /* Settings first: should the room run out, consent and destination must not be what is missing. */
  struct room room = {.bytes = ENV_TOTAL_LIMIT, .variables = ENV_COUNT_LIMIT};
  put_environment(head, OF_TURNPIKE, &room);
  put_environment(head, OF_THE_AGENT, &room);
  if (room.dropped > 0) put_line(head, "Turnpike-Env-Dropped: ", room.dropped);
  put(head, "\r\n");
}

/* The part of the request from offset on. Returns how many of the two vectors are used. */
static int rest_of(const struct request *request, size_t offset, struct iovec rest[2]) {
  size_t head = request->head.length;
  int count = 0;
  if (offset < head) {
    rest[count++] = (struct iovec){request->head.bytes + offset, head - offset};
    offset = head;
  }
  if (offset - head < request->body->length) {
    size_t at = offset - head;
    rest[count++] = (struct iovec){request->body->bytes + at, request->body->length - at};
  }
  return count;
}

/* ---- The daemon ------------------------------------------------------------------------------------- */

enum outcome {
  KEPT,      /* the daemon answered 202 or 204 */
  REFUSED,   /* somebody listens, but there was no such answer */
  UNREACHED, /* nobody listens */
};

/* The body is printed for the agent; it is empty unless it arrived whole. */
struct answer {
  const char *body;
  size_t length;
};

/* The request holds the user's keys: it goes only to a process of the same user. */
static bool peer_is_ours(int fd) {
#ifdef __APPLE__
  uid_t uid;
  gid_t gid;
  return getpeereid(fd, &uid, &gid) == 0 && uid == geteuid();
#else
  struct ucred peer;
  socklen_t length = sizeof peer;
  return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 && peer.uid == geteuid();
#endif
}

/* A connected socket, or -1. No socket can have a path of more than 107 bytes (103 on macOS). */
static int connect_to(const char *path, int64_t deadline_ms) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof address.sun_path) return -1;
  strcpy(address.sun_path, path);

  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  if (fd < 0) return -1;
  /* A full backlog makes a non-blocking connect fail at once, with nothing to poll for. A blocking one waits
     for a place, and this option is what limits it. */
  int64_t left = deadline_ms - monotonic_ms();
  struct timeval wait = {.tv_usec = (left > 1 ? (suseconds_t)left : 1) * 1000};
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
  if (connect(fd, (const struct sockaddr *)&address, sizeof address) == 0 && peer_is_ours(fd)) return fd;
  close(fd);
  return -1;
}

/* Agents run hooks with trimmed environments, so the last places need no variable. */
static int connect_to_daemon(int64_t deadline_ms) {
  struct path path;
  const char *own = setting("TURNPIKE_SOCKET");
  if (own != NULL) return connect_to(own, deadline_ms);
  own = setting("TURNPIKE_HOME");
  if (own != NULL) return join(&path, own, "/turnpike.sock") ? connect_to(path.text, deadline_ms) : -1;

  int fd = -1;
  const char *runtime = absolute("XDG_RUNTIME_DIR");
  if (join(&path, runtime, "/turnpike/turnpike.sock")) fd = connect_to(path.text, deadline_ms);
#ifndef __APPLE__
  if (fd < 0) {
    char digits[24];
    struct path users;
    join(&users, "/run/user/", decimal(digits, getuid()));
    if (join(&path, users.text, "/turnpike/turnpike.sock")) fd = connect_to(path.text, deadline_ms);
  }
#endif
  const char *state = absolute("XDG_STATE_HOME");
  if (fd < 0 && join(&path, state, "/turnpike/turnpike.sock")) fd = connect_to(path.text, deadline_ms);
  if (fd < 0 && join(&path, home(), STATE_BELOW_HOME "/turnpike.sock")) {
    fd = connect_to(path.text, deadline_ms);
  }
  return fd;
}

/*
 * Sends the whole request. A body that does not fit into the socket's buffer moves the deadline with
 * every part the daemon takes: it is standing still that is limited, not the transfer. end_ms holds always.
 */
static bool send_request(int fd, const struct request *request, int64_t *deadline_ms, int64_t end_ms) {
  struct iovec rest[2];
  size_t sent = 0;
  for (int count = rest_of(request, sent, rest); count > 0; count = rest_of(request, sent, rest)) {
    struct msghdr message = {.msg_iov = rest, .msg_iovlen = count};
    ssize_t taken = sendmsg(fd, &message, MSG_DONTWAIT);
    if (taken > 0) {
      if (sent > 0) *deadline_ms = earlier(monotonic_ms() + PATIENCE_MS, end_ms);
      sent += (size_t)taken;
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      if (!wait_until(fd, POLLOUT, *deadline_ms)) return false;
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

/* "HTTP/1.1 202 Accepted" -> 202; 0 for anything that is no status line. */
static int status_of(const char *head) {
  if (!begins_with(head, "HTTP/1.") || head[7] < '0' || head[7] > '9' || head[8] != ' ') return 0;
  int status = 0;
  for (int at = 9; at < 12; at++) {
    if (head[at] < '0' || head[at] > '9') return 0;
    status = status * 10 + (head[at] - '0');
  }
  return head[12] == ' ' || head[12] == '\r' ? status : 0;
}

/* The value of Content-Length; above the limit for one that is missing or not a plain number. */
static size_t content_length(const char *head) {
  static const char name[] = "\r\ncontent-length:";
  const size_t unknown = ANSWER_BODY_LIMIT + 1;
  for (const char *line = strstr(head, "\r\n"); line != NULL; line = strstr(line + 2, "\r\n")) {
    if (strncasecmp(line, name, strlen(name)) != 0) continue;
    const char *digit = line + strlen(name);
    while (*digit == ' ' || *digit == '\t') digit++;
    if (*digit < '0' || *digit > '9') return unknown;
    size_t length = 0;
    for (; *digit >= '0' && *digit <= '9'; digit++) {
      length = length * 10 + (size_t)(*digit - '0');
      if (length > ANSWER_BODY_LIMIT) return unknown;
    }
    while (*digit == ' ' || *digit == '\t') digit++;
    return *digit == '\r' ? length : unknown;
  }
  return unknown;
}

/* Receives into scratch until it holds `wanted` bytes, or `end` appears; false if neither happens in time. */
static bool receive(int fd, size_t *length, size_t wanted, const char *end, int64_t deadline_ms) {
  while (*length < wanted) {
    ssize_t got = recv(fd, scratch + *length, wanted - *length, MSG_DONTWAIT);
    if (got > 0) {
      size_t before = *length > strlen(end) ? *length - strlen(end) : 0;
      *length += (size_t)got;
      if (end[0] == '\0') continue;
      if (memmem(scratch + before, *length - before, end, strlen(end)) != NULL) return true;
    } else if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      if (!wait_until(fd, POLLIN, deadline_ms)) return false;
    } else if (got == 0 || errno != EINTR) {
      return false;
    }
  }
  return end[0] == '\0';
}

/* Once the head says 202 the event is the daemon's, even if the body then fails to arrive. */
static enum outcome read_answer(int fd, struct answer *answer, int64_t deadline_ms) {
  static const char blank_line[] = "\r\n\r\n";
  size_t length = 0;
  if (!receive(fd, &length, ANSWER_HEAD_LIMIT, blank_line, deadline_ms)) return REFUSED;
  char *head_end = memmem(scratch, length, blank_line, strlen(blank_line));
  head_end[2] = '\0'; /* keeps the last header's own line end; the body begins two bytes on */
  int status = status_of(scratch);
  if (status == 204) return KEPT;
  if (status != 202) return REFUSED;

  size_t head = (size_t)(head_end - scratch) + strlen(blank_line);
  size_t body = content_length(scratch);
  if (body <= ANSWER_BODY_LIMIT && receive(fd, &length, head + body, "", deadline_ms)) {
    *answer = (struct answer){scratch + head, body};
  }
  return KEPT;
}

/* A call begins before there is anything to say: the daemon wakes up and accepts while we read our input. */
struct line {
  int fd; /* -1: nobody listens */
  int64_t patience_ms; /* what connecting has left of it */
};

static struct line call_daemon(void) {
  const int64_t start_ms = monotonic_ms();
  int fd = connect_to_daemon(start_ms + PATIENCE_MS);
  int64_t spent_ms = monotonic_ms() - start_ms;
  return (struct line){fd, spent_ms < PATIENCE_MS ? PATIENCE_MS - spent_ms : 0};
}

static enum outcome deliver(const struct line *line, const struct request *request, struct answer *answer) {
  if (line->fd < 0) return UNREACHED;
  const int64_t start_ms = monotonic_ms();
  int64_t deadline_ms = start_ms + line->patience_ms;
  enum outcome outcome = REFUSED;
  if (send_request(line->fd, request, &deadline_ms, start_ms + TRANSFER_MS)) {
    outcome = read_answer(line->fd, answer, deadline_ms);
  }
  close(line->fd);
  return outcome;
}

/* ---- The spool: what the daemon did not take --------------------------------------------------------- */

/* Makes each missing directory of the path, for this user only. */
static void make_directories(struct path *path) {
  for (char *slash = strchr(path->text + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
    *slash = '\0';
    mkdir(path->text, 0700);
    *slash = '/';
  }
  mkdir(path->text, 0700);
}

/* A spool that is a link or another user's is refused: somebody else would read the keys in it. */
static int open_spool(const struct path *state) {
  const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  struct path path;
  if (!join(&path, state->text, "/spool")) return -1;
  int fd = open(path.text, flags);
  if (fd < 0 && errno == ENOENT) {
    make_directories(&path);
    fd = open(path.text, flags);
  }
  if (fd < 0) return -1;
  struct stat facts;
  bool ours = fstat(fd, &facts) == 0 && facts.st_uid == geteuid();
  if (ours && ((facts.st_mode & 077) == 0 || fchmod(fd, 0700) == 0)) return fd;
  close(fd);
  return -1;
}

struct usage {
  size_t files;
  size_t bytes;
};

static bool fits(struct usage used, size_t bytes) {
  return used.files < SPOOL_FILES && used.bytes <= SPOOL_BYTES && bytes <= SPOOL_BYTES - used.bytes;
}

static struct usage measure(int spool) {
  struct usage used = {0, 0};
  int again = openat(spool, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *directory = again < 0 ? NULL : fdopendir(again);
  if (directory == NULL) return used;
  struct dirent *entry;
  while (fits(used, 0) && (entry = readdir(directory)) != NULL) {
    const char *dot = strrchr(entry->d_name, '.');
    struct stat facts;
    if (dot == NULL || (strcmp(dot, ".evt") != 0 && strcmp(dot, ".tmp") != 0)) continue;
    if (fstatat(spool, entry->d_name, &facts, AT_SYMLINK_NOFOLLOW) != 0) continue;
    used.files++;
    used.bytes += (size_t)facts.st_size;
  }
  closedir(directory);
  return used;
}

/*
 * Listing up to 10,000 files on every call would make an absent daemon dear. So each client adds to the file
 * "usage" one byte for every started 1/10,000 of the cap, and at least one for its file: while it is shorter
 * than 10,000 bytes, neither cap can be reached. Nobody subtracts; when it is full the directory is measured.
 * Appending needs no lock, and the file may be deleted at any time.
 */
static bool spool_has_room(int spool, size_t bytes) {
  static const char marks[4096];
  const size_t share = SPOOL_BYTES / SPOOL_FILES;
  const size_t weight = 1 + bytes / share; /* at most 2517 marks */
  int tally = openat(spool, "usage", O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
  struct stat facts;
  bool known = tally >= 0 && fstat(tally, &facts) == 0 && facts.st_size > 0;
  bool room = known && (size_t)facts.st_size + weight <= SPOOL_FILES;
  if (!room) {
    struct usage used = measure(spool);
    size_t shares = used.bytes / share;
    known = ftruncate(tally, (off_t)(used.files > shares ? used.files : shares)) == 0;
    room = fits(used, bytes);
  }
  if (room && known) known = write(tally, marks, weight) == (ssize_t)weight;
  if (!known && tally >= 0) unlinkat(spool, "usage", 0); /* it no longer tells the truth: measure next time */
  if (tally >= 0) close(tally);
  return room;
}

static bool write_all(int fd, const struct request *request) {
  struct iovec rest[2];
  size_t written = 0;
  for (int count = rest_of(request, written, rest); count > 0; count = rest_of(request, written, rest)) {
    ssize_t taken = writev(fd, rest, count);
    if (taken <= 0 && errno != EINTR) return false;
    if (taken > 0) written += (size_t)taken;
  }
  return true;
}

/* Not synced to disk: a power cut may cost the hint, and the daemon's sweep finds the turn without it. */
static bool write_event(int spool, const struct call *call, const struct request *request) {
  char temporary[64], final[64];
  struct text name = {.bytes = temporary, .capacity = sizeof temporary - 1};
  put_number(&name, call->time_ns);
  put(&name, "-");
  put_number(&name, (uint64_t)getpid());
  memcpy(final, temporary, name.length);
  memcpy(final + name.length, ".evt", sizeof ".evt");
  memcpy(temporary + name.length, ".tmp", sizeof ".tmp");

  int fd = openat(spool, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0) return false;
  bool whole = write_all(fd, request);
  whole = close(fd) == 0 && whole;
  if (whole && renameat(spool, temporary, spool, final) == 0) return true;
  unlinkat(spool, temporary, 0);
  return false;
}

/* What is lost is counted, one line each: when, which agent, how many bytes, why. The daemon shows it. */
static void note_drop(int spool, const struct call *call, const char *reason) {
  int fd = openat(spool, "dropped", O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0) return;
  struct stat facts;
  char bytes[256];
  struct text line = {.bytes = bytes, .capacity = sizeof bytes};
  put_number(&line, call->time_ns);
  put(&line, " ");
  put(&line, call->agent);
  put(&line, " ");
  put_number(&line, call->body.length);
  put(&line, " ");
  put(&line, reason);
  put(&line, "\n");
  bool noted = fstat(fd, &facts) == 0 && facts.st_size < DROPPED_LIMIT && write(fd, bytes, line.length) > 0;
  (void)noted; /* a disk too full for this line is a disk the daemon itself reports */
  close(fd);
}

static void keep_in_spool(const struct path *state, const struct call *call, const struct request *request) {
  umask(077);
  int spool = open_spool(state);
  if (spool < 0) return;
  if (!spool_has_room(spool, request->head.length + request->body->length)) {
    note_drop(spool, call, "spool-full");
  } else if (!write_event(spool, call, request)) {
    note_drop(spool, call, "write-failed");
  }
  close(spool);
}

/* ---- Starting the daemon ------------------------------------------------------------------------------ */

/* The program `turnpike` in this program's own directory. */
static bool daemon_program(struct path *path) {
#ifdef __APPLE__
  char own[PATH_LIMIT];
  uint32_t capacity = sizeof own;
  if (_NSGetExecutablePath(own, &capacity) != 0 || realpath(own, path->text) == NULL) return false;
#else
  ssize_t length = readlink("/proc/self/exe", path->text, sizeof path->text - 1);
  if (length <= 0) return false;
  path->text[length] = '\0';
#endif
  char *slash = strrchr(path->text, '/');
  static const char name[] = "/turnpike";
  if (slash == NULL || (size_t)(slash - path->text) + sizeof name > sizeof path->text) return false;
  memcpy(slash, name, sizeof name);
  return access(path->text, X_OK) == 0;
}

/* One of many clients wins: who creates the lock, or who first renews one that has grown old. */
static bool may_start_now(const struct path *state) {
  struct path path;
  if (!join(&path, state->text, "/autostart.lock")) return false;
  int fd = open(path.text, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd >= 0) return close(fd) == 0;
  if (errno != EEXIST) return false;

  fd = open(path.text, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return false;
  struct stat facts;
  bool mine = flock(fd, LOCK_EX | LOCK_NB) == 0 && fstat(fd, &facts) == 0;
  int64_t age_s = mine ? (int64_t)time(NULL) - (int64_t)facts.st_mtime : 0;
  /* A lock from the future is old too: a clock set back must not keep the daemon from starting. */
  bool old = age_s > START_INTERVAL_S || age_s < -START_INTERVAL_S;
  bool renewed = old && futimens(fd, NULL) == 0;
  close(fd);
  return mine && renewed;
}

static void close_all_from(int first) {
#ifdef SYS_close_range
  if (syscall(SYS_close_range, (unsigned)first, ~0U, 0U) == 0) return;
#endif
  long limit = sysconf(_SC_OPEN_MAX);
  for (int fd = first; fd < (limit > 0 && limit < 65536 ? (int)limit : 65536); fd++) close(fd);
}

/* Becomes the daemon, with nothing left of the agent's: descriptors, terminal, directory, signal settings. */
static void become_daemon(const char *program) {
  int null = open("/dev/null", O_RDWR);
  if (null < 0) _exit(0);
  for (int fd = 0; fd <= 2; fd++) dup2(null, fd);
  close_all_from(3);
  signal(SIGPIPE, SIG_DFL);
  signal(SIGXFSZ, SIG_DFL);
  signal(SIGALRM, SIG_DFL);
  /* Tells the daemon that its environment is that of one agent's call and not what the user set for it. */
  setenv("TURNPIKE_STARTED_BY", "turnpike-hook", 1);
  char name[] = "turnpike", command[] = "daemon";
  char *const arguments[] = {name, command, NULL};
  if (chdir("/") == 0) execve(program, arguments, environ);
  _exit(0);
}

/* Forks twice, so that the daemon is nobody's child and the agent waits for none of its descriptors. */
static void start_daemon(const struct path *state) {
  const char *wanted = getenv("TURNPIKE_AUTOSTART");
  if (wanted != NULL && (strcmp(wanted, "0") == 0 || strcasecmp(wanted, "false") == 0)) return;
  struct path service, program;
  if (!join(&service, state->text, "/service") || access(service.text, F_OK) == 0) return;
  if (!daemon_program(&program) || !may_start_now(state)) return;

  pid_t child = fork();
  if (child == 0) {
    setsid();
    if (fork() == 0) become_daemon(program.text);
    _exit(0);
  }
  if (child > 0) waitpid(child, NULL, 0); /* it ends at once; without this it would stay as a zombie */
}

/* ---- The program -------------------------------------------------------------------------------------- */

static void print(int fd, const char *bytes, size_t length) {
  while (length > 0) {
    ssize_t written = write(fd, bytes, length);
    if (written < 0 && errno != EINTR) return;
    if (written > 0) {
      bytes += written;
      length -= (size_t)written;
    }
  }
}

static void give_up(int signal_number) {
  (void)signal_number;
  _exit(0);
}

/* Nothing from outside may kill the process or lend it a descriptor: a socket must not become "stdout". */
static void settle_process(void) {
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN);
  signal(SIGALRM, give_up);
  alarm(WATCHDOG_S);
  for (int fd = 0; fd <= 2; fd++) {
    if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) < 0) _exit(0);
  }
}

static bool valid_agent(const char *name) {
  size_t length = strlen(name);
  if (length == 0 || length > AGENT_NAME_LIMIT || name[0] == '-' || name[0] == '.') return false;
  for (; *name != '\0'; name++) {
    if (!alphanumeric((unsigned char)*name) && strchr("._-", *name) == NULL) return false;
  }
  return true;
}

static const char help[] =
    "Usage: turnpike-hook <agent> [<event>]\n"
    "\n"
    "Tells the Turnpike daemon that something happened in an agent. Agents run it as a hook,\n"
    "with the hook's payload on stdin; `turnpike install` registers it.\n"
    "\n"
    "  <agent>     claude-code, codex, cursor, ...\n"
    "  <event>     the event's name, where the payload does not carry it\n"
    "  --version   print the version\n"
    "  --help      print this text\n"
    "\n"
    "It prints nothing but what the daemon answers for the agent, and always exits 0.\n"
    "What the daemon cannot take is kept in the spool; see `turnpike status`.\n";

static const char version[] = "turnpike-hook " TURNPIKE_VERSION "\n";

/* A person is told what is wrong. An agent is not: a message or an exit code could change what it does. */
static void wrong_usage(void) {
  if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO)) {
    struct body unused = {0};
    read_body(&unused); /* an agent still writing must not meet a closed pipe */
    _exit(0);
  }
  print(STDERR_FILENO, help, strlen(help));
  _exit(2);
}

int main(int argc, char **argv) {
  settle_process();
  if (argc < 2) wrong_usage();
  if (strcmp(argv[1], "--help") == 0) {
    print(STDOUT_FILENO, help, strlen(help));
    _exit(0);
  }
  if (strcmp(argv[1], "--version") == 0) {
    print(STDOUT_FILENO, version, strlen(version));
    _exit(0);
  }
  if (!valid_agent(argv[1])) wrong_usage();

  const char *event = argc > 2 && argv[2][0] != '\0' ? argv[2] : NULL;
  struct call call = {.agent = argv[1], .event = event, .time_ns = wall_ns()};
  const struct line line = call_daemon();
  read_body(&call.body);

  static char head[HEAD_LIMIT];
  struct request request = {.head = {.bytes = head, .capacity = sizeof head}, .body = &call.body};
  write_head(&request.head, &call);

  struct answer answer = {NULL, 0};
  enum outcome outcome = deliver(&line, &request, &answer);
  if (answer.length > 0) {
    print(STDOUT_FILENO, answer.body, answer.length);
  } else if (strcmp(call.agent, "cursor") == 0) {
    print(STDOUT_FILENO, "{}", 2); /* Cursor reads JSON from every hook and reports one that printed none */
  }

  struct path state;
  if (outcome != KEPT && state_directory(&state)) {
    keep_in_spool(&state, &call, &request);
    if (outcome == UNREACHED) start_daemon(&state);
  }
  _exit(0);
}
