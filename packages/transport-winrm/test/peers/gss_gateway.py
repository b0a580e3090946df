# Logs clients in by the system's GSSAPI (gss-ntlmssp, MIT Kerberos), opens their sealed messages, asks the emulator in clear, and seals
# its answer. argv: mechanism (ntlm, krb5, spnego), upstream port, certificate and key or '-' '-'. Prints the port.
import base64, hashlib, http.client, http.server, re, ssl, struct, sys, threading
import gssapi
from gssapi.raw import IOV, IOVBufferType, ChannelBindings, unwrap, wrap, wrap_iov

mechanism, upstream, certificate, key = sys.argv[1:5]
oids = {'ntlm': '1.3.6.1.4.1.311.2.2.10', 'krb5': '1.2.840.113554.1.2.2', 'spnego': '1.3.6.1.5.5.2'}
mech = gssapi.OID.from_int_seq(oids[mechanism])
scheme = 'Kerberos' if mechanism == 'krb5' else 'Negotiate'
protocol = 'application/HTTP-%s-session-encrypted' % ('Kerberos' if mechanism == 'krb5' else 'SPNEGO')
bindings = None
if certificate != '-':
    der = ssl.PEM_cert_to_DER_cert(open(certificate).read())
    bindings = ChannelBindings(application_data=b'tls-server-end-point:' + hashlib.sha256(der).digest())

class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    context = None
    def log_message(self, *_):
        pass
    def answer(self, status, headers=(), body=b''):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get('Content-Length', 0)))
        given = self.headers.get('Authorization', '')
        headers = []
        if given:
            word, token = given.split(None, 1)
            if word != scheme:
                return self.answer(401, [('WWW-Authenticate', scheme)])
            try:
                if self.context is None or self.context.complete:
                    credentials = gssapi.Credentials(usage='accept', mechs=[mech] if mechanism != 'spnego' else None)
                    Handler_context = gssapi.SecurityContext(creds=credentials, usage='accept', channel_bindings=bindings)
                    self.context = Handler_context
                reply = self.context.step(base64.b64decode(token))
            except gssapi.exceptions.GSSError as error:
                print('refused', str(error).replace('\n', ' '), file=sys.stderr, flush=True)
                self.context = None
                return self.answer(401, [('WWW-Authenticate', scheme)])
            if reply:
                headers.append(('WWW-Authenticate', '%s %s' % (scheme, base64.b64encode(reply).decode())))
            if not self.context.complete:
                return self.answer(401, headers)
        if self.context is None or not self.context.complete:
            return self.answer(401, [('WWW-Authenticate', scheme)])
        if not body:
            return self.answer(200, headers)
        if certificate != '-' and b'Encrypted Boundary' not in body[:40]:
            status, reply = self.ask(body)
            return self.answer(status, headers + [('Content-Type', 'application/soap+xml;charset=UTF-8')], reply)
        length = int(re.search(rb'Length=(\d+)', body).group(1))
        start = body.index(b'application/octet-stream\r\n') + len(b'application/octet-stream\r\n')
        sealed = body[start:]
        tail = b'--Encrypted Boundary--\r\n'
        assert sealed.endswith(tail)
        header_length = struct.unpack('<I', sealed[:4])[0]
        try:
            message = unwrap(self.context, sealed[4:-len(tail)]).message
        except gssapi.exceptions.GSSError as error:
            print('unwrap', error, file=sys.stderr, flush=True)
            return self.answer(400)
        assert len(message) == length, (len(message), length)
        status, reply = self.ask(message)
        header, data = self.seal(reply)
        payload = (b'--Encrypted Boundary\r\n\tContent-Type: ' + protocol.encode() + b'\r\n\tOriginalContent: type=application/soap+xml;charset=UTF-8;Length=' + str(len(reply)).encode() +
                   b'\r\n--Encrypted Boundary\r\n\tContent-Type: application/octet-stream\r\n' + struct.pack('<I', len(header)) + header + data + tail)
        self.answer(status, headers + [('Content-Type', 'multipart/encrypted;protocol="%s";boundary="Encrypted Boundary"' % protocol)], payload)
    def seal(self, message):
        if mechanism == 'krb5':
            iov = IOV(IOVBufferType.header, message, IOVBufferType.padding, std_layout=False)
            wrap_iov(self.context, iov, confidential=True)
            return iov[0].value, iov[1].value + (iov[2].value or b'')
        token = wrap(self.context, message, confidential=True).message
        return token[:16], token[16:]
    def ask(self, message):
        connection = http.client.HTTPConnection('127.0.0.1', int(upstream))
        authorization = 'Basic ' + base64.b64encode(b'administrator:Pa55w0rd!').decode()
        connection.request('POST', '/wsman', message, {'Content-Type': 'application/soap+xml;charset=UTF-8', 'Authorization': authorization})
        response = connection.getresponse()
        return response.status, response.read()

server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
if certificate != '-':
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
print(server.server_address[1], flush=True)
threading.Thread(target=lambda: (sys.stdin.read(), server.shutdown()), daemon=True).start()
server.serve_forever()
