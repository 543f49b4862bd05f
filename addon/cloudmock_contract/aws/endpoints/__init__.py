"""Which host AWS answers a call at.

Does not know how a request is identified or signed.
"""
