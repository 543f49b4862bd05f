"""What a run has left on AWS, and the calls that delete it.

Does not know what CloudMock did.
"""
