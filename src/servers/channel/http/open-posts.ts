import type { Fate } from "../channel.js";
import type { Post } from "./post.js";

/** The requests of a channel that have no answer yet. Each leaves with one fate. */
export class OpenPosts {
  readonly #posts = new Map<string | number, Post>();
  #hasServed = false;

  /** The server has answered more than `initialize`. */
  get hasServed(): boolean {
    return this.#hasServed;
  }

  /** True when the server may be at work on one of them. */
  get haveLeft(): boolean {
    return [...this.#posts.values()].some(({ fate }) => fate === "left");
  }

  add(post: Post): void {
    if (post.id !== undefined) this.#posts.set(post.id, post);
  }

  get(id: string | number): Post | undefined {
    return this.#posts.get(id);
  }

  has(post: Post): boolean {
    return post.id !== undefined && this.#posts.get(post.id) === post;
  }

  answer(post: Post): void {
    if (post.method !== "initialize") this.#hasServed = true;
    this.#posts.delete(post.id!);
    post.settle();
  }

  /** It will get no answer. False when that is known already. */
  fail(post: Post, fate: Fate & ("failed-before" | "unknown")): boolean {
    if (!this.has(post)) return false;
    this.#posts.delete(post.id!);
    post.fate = fate;
    post.settle();
    return true;
  }

  /** Resolves when all that are open now have been answered or have failed. */
  async settled(): Promise<void> {
    await Promise.all([...this.#posts.values()].map((post) => post.settled));
  }

  /** The channel is over. */
  close(): void {
    for (const post of this.#posts.values()) {
      if (post.fate === "left") post.fate = "unknown";
      else if (post.fate === "taken") post.fate = "failed-before";
      post.drop();
    }
    this.#posts.clear();
  }
}
