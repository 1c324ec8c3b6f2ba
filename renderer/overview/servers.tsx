import type { ServerRow, ServersView } from "../../electron/view/window-view.js";
import { CommandButton, type Run } from "../button.jsx";
import { Icon } from "../glyphs.jsx";
import { SERVERS } from "../texts.js";

/** The hosted servers: state, use, and a button to restart each. */
export function Servers({ servers, run }: { servers: ServersView; run: Run }) {
  if (servers.is === "unknown") return null;
  return (
    <section class="servers" aria-labelledby="servers-title">
      <h2 id="servers-title">{SERVERS.title}</h2>
      <ServersBody servers={servers} run={run} />
    </section>
  );
}

function ServersBody({ servers, run }: { servers: Exclude<ServersView, { is: "unknown" }>; run: Run }) {
  switch (servers.is) {
    case "waiting":
      return (
        <p class="hint">
          <span class="bone bone-60" aria-hidden="true" />
          <span class="unseen">{SERVERS.waiting}</span>
        </p>
      );
    case "none":
      return (
        <p class="hint">
          {servers.hint} {servers.button && <CommandButton button={servers.button} run={run} class="link" />}
        </p>
      );
    case "some":
      return (
        <ul class="rows">
          {servers.servers.map((server) => (
            <Server key={server.name} server={server} run={run} />
          ))}
        </ul>
      );
  }
}

function Server({ server, run }: { server: ServerRow; run: Run }) {
  const { name, tone, words, sessions, calls, problem, full, restart } = server;
  return (
    <li class={`server tone-${tone}`} title={full}>
      <span class={`server-sign server-${server.state}`} aria-hidden="true" />
      <span class="server-name">
        <span class="cut">{name}</span>
        {words !== undefined && <span class="server-words">{words}</span>}
      </span>
      <span class="server-use number">
        <span>{sessions}</span>
        <span>{calls}</span>
      </span>
      {restart ? (
        <CommandButton button={restart} run={run} class="quiet">
          <Icon name="restart" />
        </CommandButton>
      ) : (
        <span />
      )}
      {problem !== undefined && <p class="server-problem">{problem}</p>}
    </li>
  );
}
