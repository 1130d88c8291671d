"""The filter that writes the slug of a data class as people read it."""

from django import template

from registry.datasets.standard import label_of

register = template.Library()
register.filter("data_class", label_of)
