import { expect, it } from "vitest";

import { networkVariablesIn, withoutNetwork } from "../../../src/state/network-variables.js";

it("the system's variables of the network are read from its file, and no others", () => {
  const text =
    '# A comment\nPATH="/usr/bin"\nhttp_proxy="http://p:1" # main\n  export HTTPS_PROXY=http://p:2\n' +
    "NO_PROXY='a,b'\nnonsense\nSSL_CERT_FILE=/etc/ca.pem\n";
  expect(networkVariablesIn(text)).toEqual({
    http_proxy: "http://p:1",
    HTTPS_PROXY: "http://p:2",
    NO_PROXY: "a,b",
    SSL_CERT_FILE: "/etc/ca.pem",
  });
});

it("variables without those of the network keep everything else", () => {
  const env = { PATH: "/bin", http_proxy: "p", ALL_PROXY: "p", NODE_EXTRA_CA_CERTS: "/c", MY_PROXY: "q" };
  expect(withoutNetwork(env)).toEqual({ PATH: "/bin", MY_PROXY: "q" });
});
