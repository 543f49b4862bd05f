"""HTTP/1.1 as mitmproxy does it, where AWS's answers and hostile ones need more. Each mend, and what would make it go:

    file      mend                                                     it can go when mitmproxy or h11 …
    buffers   HTTP trailers are dropped                                forwards or drops the trailers of HTTP/1.1 itself
    buffers   what came in one piece is handed over uncopied           (h11) extracts without copying
    app_side  a head that is too large ends the connection             has a limit for heads
    app_side  what cannot be read is not quoted in the log             does not quote it
    aws_side  interim replies (1xx) are skipped                        does not take them for the reply
    aws_side  a head that is too large ends the connection             has a limit for heads
    aws_side  nothing is read after a 204 that says it is chunked      closes such a connection
    aws_side  AWS is spoken to in HTTP/1.1 by a client of our own      lets the class of its HTTP/1 client be chosen
    stream    the addon's answer goes to the app in place of an error  has a hook whose response is sent to the app
    stream    AWS gets another request than the flow shows             has a hook for what is sent
    stream    a 204 that says it is chunked goes to the app            does not take it for an attack
    stream    a slow reply is streamed after all; bodies are limited   can change its mind in the middle of a body
    stream    an ended stream is freed at once                         breaks its own circles of references
    layer     a defect ends the connection, and is told to the app     does so itself
    layer     a dead connection to AWS is not used again               checks a connection before it reuses it
    layer     what goes to one connection at once is sent at once      joins writes

`tests/proxy/mitm/test_mitmproxy_internals.py` says which of the methods behind them an upgrade has changed.
The folder does not know what an answer says, nor which bodies are streamed.
"""

from cloudmock_contract.proxy.mitm.http1_layers.layer import AnsweringLayer, choose_layer

__all__ = ["AnsweringLayer", "choose_layer"]
