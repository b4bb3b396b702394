-- Children whom a guardian's row states and who could not be told among the students, with what was
-- said of them since.
--
-- * a stated child has a number of student_number, so that a link leads either to a student or to
--   a stated child: whatever counts, lists or allows through links has the account in any case;
-- * student_id IS NULL until somebody said which student it is; 0 says that it is none of the
--   school's;
-- * opened says whether that choice opened the link to the student, so that another choice closes
--   it, and no link that the files made;
-- * a choice outlives the imports that still cannot tell the child.

CREATE TABLE stated_child (
    child_id BIGINT PRIMARY KEY,
    account_id BIGINT NOT NULL,
    uai TEXT NOT NULL,
    birth_name TEXT NOT NULL,
    usage_name TEXT NOT NULL,
    first_name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    born_on DATE,
    class TEXT NOT NULL,
    why TEXT NOT NULL CHECK (why IN ('NONE', 'ABSENT', 'SEVERAL')),
    student_id BIGINT,
    opened BOOLEAN NOT NULL,
    settled_on DATE CHECK (student_id IS NOT NULL OR settled_on IS NULL)
);
