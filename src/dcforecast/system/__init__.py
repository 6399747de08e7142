"""The power system: fleet, weather, demand, data centres, network and allocation."""
