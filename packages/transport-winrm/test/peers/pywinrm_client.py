# pywinrm against the emulator: argv is endpoint, transport, user, password, ca file or '-', message encryption, then commands.
import json, sys, warnings
warnings.filterwarnings('ignore')
import winrm
from winrm.protocol import Protocol

endpoint, transport, user, password, ca, encryption = sys.argv[1:7]
protocol = Protocol(endpoint=endpoint, transport=transport, username=user, password=password, message_encryption=encryption,
                    server_cert_validation='ignore' if ca == '-' else 'validate', ca_trust_path=None if ca == '-' else ca,
                    operation_timeout_sec=2, read_timeout_sec=20)
results = []
shell = protocol.open_shell(codepage=65001, env_vars={'FROM_PYWINRM': 'yes'})
for line in sys.argv[7:]:
    command = protocol.run_command(shell, line)
    out, err, code = protocol.get_command_output(shell, command)
    protocol.cleanup_command(shell, command)
    results.append({'stdout': out.decode(), 'stderr': err.decode(), 'exitCode': code})
protocol.close_shell(shell)
print(json.dumps(results))
