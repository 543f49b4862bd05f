"""Apps that call AWS through boto3.

Do not know that they are measured.
"""
