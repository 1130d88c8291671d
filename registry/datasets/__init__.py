"""Data by the organisation's standard: classes and clearance, approved uses, licences, links that must be there."""
