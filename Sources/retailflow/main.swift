print("retailflow")
