/** What a server does for one of its clients. */
export interface Work<Client> {
  /** Undefined: the client has left. */
  client: Client | undefined;
  method: string;
  /** The request asked for a task, whose id is known only when it has been answered. */
  asksForTask: boolean;
}

/** Everything that a server's process does or has done for clients. */
export interface WorkForClients<Client> {
  /** Requests that it has and that have no answer yet. */
  open: Iterable<Work<Client>>;
  /** Requests that were given up here, while it may still work on them. */
  ghosts: Iterable<Work<Client>>;
  /** The clients whose tasks are not done, by the task's id. */
  tasks: ReadonlyMap<string, { client: Client | undefined; isDone: boolean }>;
  /** Every client that has used the process; without any, those that are connected. */
  users: Iterable<Client | undefined>;
}

export type Attribution<Client> =
  | { to: "client"; client: Client }
  /** The client that it is for has left, or there is no client. */
  | { to: "none" }
  | { to: "one of several"; clients: number };

/**
 * Finds out which client a server means with a request to "the client". A task that the request names decides; then the
 * work in which a server may ask something, whether or not a client still waits for its result; then, if there is no such
 * work, that only one client has used the process.
 */
export function attribute<Client>(
  asked: { task: string | undefined },
  { open, ghosts, tasks, users }: WorkForClients<Client>,
): Attribution<Client> {
  const work = [...open, ...ghosts];
  if (asked.task !== undefined) {
    const task = tasks.get(asked.task);
    if (task !== undefined) return decide([task.client]);
    // The answer that names the task may still be on its way.
    const makers = work.filter(({ asksForTask }) => asksForTask);
    if (makers.length > 0) return decide(makers.map(({ client }) => client));
  }
  const asking = work.filter(({ method }) => CAN_ASK.has(method)).map(({ client }) => client);
  const ofTasks = [...tasks.values()].filter(({ isDone }) => !isDone).map(({ client }) => client);
  const candidates = [...asking, ...ofTasks];
  return decide(candidates.length > 0 ? candidates : users);
}

function decide<Client>(candidates: Iterable<Client | undefined>): Attribution<Client> {
  const clients = new Set(candidates);
  if (clients.size > 1) return { to: "one of several", clients: clients.size };
  const [client] = clients;
  return client === undefined ? { to: "none" } : { to: "client", client };
}

/** Requests during which MCP lets a server ask its client something. Lists, for example, are answered without. */
const CAN_ASK: ReadonlySet<string> = new Set([
  "tools/call",
  "prompts/get",
  "resources/read",
  "completion/complete",
  "tasks/result",
]);
