module pipeline/projects/warehouse

go 1.25.11

require pipeline/shared v0.0.0

replace pipeline/shared => ../../shared
