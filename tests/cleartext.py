"""For clients of services that speak no TLS: they need no certificates, which take 20 ms to load."""

import ssl

NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
