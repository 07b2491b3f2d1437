-- SPDX-License-Identifier: MIT
-- Prosody for examples/quickstart.sh: one user, one component, loopback only. ENV_STOX_… come from the script.
local loopback = { "127.0.0.1" }

pidfile = ENV_STOX_FOLDER .. "/prosody.pid"
data_path = ENV_STOX_FOLDER .. "/data"
certificates = ENV_STOX_FOLDER
run_as_root = true
daemonize = false
interfaces = loopback
local_interfaces = loopback
c2s_ports = { ENV_STOX_C2S_PORT }
component_ports = { ENV_STOX_COMPONENT_PORT }
component_interfaces = loopback
modules_enabled = { "roster", "saslauth", "disco", "ping", "message", "presence" }
modules_disabled = { "s2s", "tls", "http" }
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
authentication = "internal_plain"
log = { info = "*console" }

VirtualHost "xmpp.example"

Component "sip.example"
  component_secret = ENV_STOX_SECRET
