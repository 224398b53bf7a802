using Harima.Faults;
using Npgsql;

namespace Harima.Catalogue;

/// <summary>A text with U+0000 in it, which PostgreSQL keeps nowhere: what somebody sent, and not a failure of ours.</summary>
public static class UnkeptText
{
    /// <returns>What the caller is told; other faults as they are.</returns>
    public static Exception Translate(Exception fault) =>
        fault is PostgresException { SqlState: PostgresErrorCodes.CharacterNotInRepertoire }
            ? Fault.Invalid(
                "text-zero",
                "There is a sign in the text (U+0000) that no text can have. Take it out, then try again."
            )
            : fault;
}
