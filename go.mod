module dagtilbudsregisteret.dk

go 1.26
