-- A class: what was handed in, what became of it, and every grade. See docs/class.md.
CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    command TEXT NOT NULL,          -- "grade" or "regrade"
    source TEXT NOT NULL,           -- the path that was graded; "" of a regrade
    kind TEXT NOT NULL,             -- gradescope, canvas, classroom, folder; "" of a regrade
    started TEXT NOT NULL,          -- in UTC, as 2026-11-26T15:56:37+00:00
    ended TEXT,                     -- NULL while it runs, and if it was ended before its end
    assignment TEXT NOT NULL,
    grader TEXT NOT NULL,           -- the version
    seed TEXT NOT NULL,             -- of all inputs; it may have more digits than an integer
    graders TEXT NOT NULL,          -- what graded, such as "2 graders on this machine"
    maximum REAL NOT NULL           -- points of all questions, extra credit apart
);
CREATE TABLE notes (                -- what a run has said of its source, a line each
    run INTEGER NOT NULL REFERENCES runs,
    kind TEXT NOT NULL,             -- the heading
    text TEXT NOT NULL
);
CREATE TABLE contents (
    hash TEXT PRIMARY KEY,          -- of what is graded: equal ones are graded once
    packed BLOB NOT NULL            -- the files, as JSON under zlib; see course/contents.py
);
CREATE TABLE submissions (
    id INTEGER PRIMARY KEY,
    entry TEXT NOT NULL UNIQUE,     -- its name in the source
    run INTEGER REFERENCES runs,    -- that has read it last; NULL: that went on, and it was gone
    submitted_at TEXT,              -- as `started`; NULL if the source does not say
    late INTEGER NOT NULL,          -- 0 or 1
    contents TEXT REFERENCES contents,     -- NULL: there is nothing to grade
    problem TEXT NOT NULL,          -- why there is nothing; "" else
    found TEXT NOT NULL             -- JSON: how it was found, for reports
);
CREATE TABLE students (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    run INTEGER REFERENCES runs,    -- that has read of them last; NULL as in submissions
    on_roster INTEGER               -- 0 or 1; NULL if there was no roster
);
CREATE TABLE members (
    student TEXT NOT NULL REFERENCES students,
    submission INTEGER NOT NULL REFERENCES submissions,
    counts INTEGER NOT NULL,        -- 1: the latest of this student
    PRIMARY KEY (student, submission)
);
CREATE TABLE results (
    id INTEGER PRIMARY KEY,
    contents TEXT NOT NULL REFERENCES contents,
    target TEXT NOT NULL,           -- such as "activations.ReLU"
    "check" TEXT NOT NULL,
    fingerprint TEXT NOT NULL,      -- of all that decides it, but the contents
    run INTEGER NOT NULL REFERENCES runs,
    verdict TEXT NOT NULL,
    share REAL NOT NULL,            -- of the points that it earns, in [0, 1]
    diagnosis TEXT NOT NULL,        -- the sentences of the mistakes that are named; "" if none is
    seconds REAL NOT NULL,
    packed BLOB NOT NULL,           -- verdict.CheckResult, without evidence, as JSON under zlib
    UNIQUE (contents, target, "check", fingerprint)
);
CREATE TABLE evidence (
    result INTEGER PRIMARY KEY REFERENCES results ON DELETE CASCADE,
    packed BLOB NOT NULL            -- what failures looked like, a list by case, as JSON under zlib
);
CREATE TABLE wrong_numbers (        -- evidence.WrongNumbers: equal sums are equal numbers
    result INTEGER NOT NULL REFERENCES results ON DELETE CASCADE,
    "case" TEXT NOT NULL,
    name TEXT NOT NULL,
    shape TEXT NOT NULL,            -- JSON
    sums TEXT NOT NULL,             -- JSON
    scale REAL NOT NULL,
    rtol REAL NOT NULL
);
CREATE INDEX wrong_numbers_of ON wrong_numbers (result);
CREATE TABLE flags (
    result INTEGER NOT NULL REFERENCES results ON DELETE CASCADE,
    flag TEXT NOT NULL
);
CREATE INDEX flags_of ON flags (result);
CREATE TABLE gradings (             -- every time that contents were graded
    id INTEGER PRIMARY KEY,
    contents TEXT NOT NULL REFERENCES contents,
    run INTEGER NOT NULL REFERENCES runs,
    ended TEXT NOT NULL,
    seconds REAL NOT NULL,          -- by the clock
    targets TEXT NOT NULL,          -- JSON: the names of those that were graded
    isolation TEXT NOT NULL,        -- JSON: for every layer "", or why it is not there
    place TEXT NOT NULL,            -- the machine and process that graded
    problem TEXT NOT NULL           -- why no result came: it took graders down; "" else
);
CREATE INDEX gradings_of ON gradings (contents);
CREATE TABLE lines (                -- every line of every report
    run INTEGER NOT NULL REFERENCES runs,
    submission INTEGER NOT NULL REFERENCES submissions,
    position INTEGER NOT NULL,      -- in the report, from 0
    question TEXT NOT NULL,
    target TEXT NOT NULL,
    "check" TEXT NOT NULL,
    score REAL NOT NULL,
    points REAL NOT NULL,
    extra INTEGER NOT NULL,         -- 1: extra credit
    verdict TEXT NOT NULL,
    result INTEGER REFERENCES results ON DELETE SET NULL,
    PRIMARY KEY (run, submission, position)
) WITHOUT ROWID;
CREATE TABLE grades (
    run INTEGER NOT NULL REFERENCES runs,
    student TEXT NOT NULL REFERENCES students,
    submission INTEGER REFERENCES submissions,  -- NULL: handed in nothing
    score REAL,                     -- extra credit included, overrides too; NULL: there is no grade
    extra REAL,                     -- of it, the extra credit
    status TEXT NOT NULL,           -- "graded", or why there is no grade, or not all of it
    PRIMARY KEY (run, student)
) WITHOUT ROWID;
CREATE TABLE by_hand (              -- a file of overrides, as it was given; see overrides
    run INTEGER NOT NULL REFERENCES runs,
    student TEXT NOT NULL REFERENCES students,
    question TEXT NOT NULL,
    points REAL NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (run, student, question)
) WITHOUT ROWID;
CREATE TABLE overrides (            -- what of that counts: of students who have a grade
    run INTEGER NOT NULL REFERENCES runs,
    student TEXT NOT NULL REFERENCES students,
    question TEXT NOT NULL,
    points REAL NOT NULL,
    instead_of REAL NOT NULL,       -- what the grader gave
    reason TEXT NOT NULL,
    PRIMARY KEY (run, student, question)
) WITHOUT ROWID;
