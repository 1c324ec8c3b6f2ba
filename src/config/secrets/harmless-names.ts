/**
 * True for an environment variable whose value is no secret and would be missed in a log. Names that are harmless are
 * listed, since no list of names that are secret is complete.
 */
export function isHarmlessVariable(name: string): boolean {
  return VARIABLES.has(name) || /^(LC|XDG)_[A-Z_]+$/.test(name);
}

/** True for an HTTP header, in any case, whose value is no secret. */
export function isHarmlessHeader(name: string): boolean {
  return HEADERS.has(name.toLowerCase());
}

const VARIABLES = new Set([
  // The user and the system.
  ...[
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "PWD",
    "LANG",
    "LANGUAGE",
    "TZ",
    "TERM",
    "EDITOR",
    "PAGER",
    "HOSTNAME",
  ],
  ...["TMPDIR", "TMP", "TEMP", "DISPLAY", "WAYLAND_DISPLAY", "NO_COLOR", "FORCE_COLOR", "COLORTERM"],
  // Programming languages.
  ...["NODE_ENV", "NODE_PATH", "NODE_OPTIONS", "NODE_EXTRA_CA_CERTS", "NODE_NO_WARNINGS", "ELECTRON_RUN_AS_NODE"],
  ...["PYTHONPATH", "PYTHONHOME", "PYTHONUNBUFFERED", "PYTHONIOENCODING", "VIRTUAL_ENV", "UV_PYTHON", "UV_CACHE_DIR"],
  ...["GOPATH", "GOROOT", "CARGO_HOME", "RUSTUP_HOME", "JAVA_HOME", "DOTNET_ROOT", "SSL_CERT_FILE", "SSL_CERT_DIR"],
  // How servers are set.
  ...["PORT", "HOST", "DEBUG", "VERBOSE", "LOG_LEVEL", "LOGLEVEL", "RUST_LOG", "RUST_BACKTRACE", "FASTMCP_LOG_LEVEL"],
  ...["ENV", "ENVIRONMENT", "MODE", "REGION", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "KUBECONFIG"],
  ...["MEMORY_FILE_PATH"],
]);

const HEADERS = new Set([
  ...["accept", "accept-language", "accept-encoding", "cache-control", "connection", "content-type", "user-agent"],
  ...["mcp-protocol-version", "origin", "referer"],
]);
