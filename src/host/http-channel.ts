import type { Channel, ChannelHandlers } from "./channel.js";

/** x */
export async function openHttpChannel(
  _options: { name: string; url: string; headers: Record<string, string> },
  _handlers: ChannelHandlers,
): Promise<Channel> {
  throw new Error("remote servers are not supported yet");
}
