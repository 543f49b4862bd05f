"""Broken peers, hostile bytes."""
