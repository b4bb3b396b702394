-- The classes of a student beside that of `student`: a dispositif (ULIS, UPE2A) and a class, say.
--
-- * a row is open (left_on IS NULL) while the files give the student that class as well;
-- * it never repeats the class and level of the student's own row;
-- * who is linked to the student is in it too: links repeat the student's own class only.

CREATE TABLE second_class (
    student_id BIGINT NOT NULL,
    uai TEXT NOT NULL,
    class TEXT NOT NULL,
    level TEXT NOT NULL CHECK (level IN (
        '', 'TPS', 'PS', 'MS', 'GS', 'CP', 'CE1', 'CE2', 'CM1', 'CM2', 'ULIS', 'UPE2A')),
    left_on DATE
);
