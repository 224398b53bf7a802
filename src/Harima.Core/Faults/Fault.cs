using System.Globalization;

namespace Harima.Faults;

/// <summary>What kind of refusal this is; each surface maps it once (HTTP status, S3 code, exit code).</summary>
public enum FaultCode
{
    /// <summary>The request is malformed or breaks a rule that does not depend on state.</summary>
    Invalid,

    /// <summary>Nobody is logged in, or the credentials are wrong.</summary>
    Unauthenticated,

    /// <summary>The caller may see the thing but not do this to it.</summary>
    Forbidden,

    /// <summary>It does not exist, or the caller may not know that it does.</summary>
    NotFound,

    /// <summary>The state of the thing forbids it (already exists, in use).</summary>
    Conflict,

    /// <summary>The sequence is closed and therefore immutable.</summary>
    Closed,

    /// <summary>A condition the caller set (If-Match, If-None-Match) does not hold.</summary>
    PreconditionFailed,

    /// <summary>The bytes received are not the bytes that were announced (length).</summary>
    Incomplete,

    /// <summary>The bytes received do not have the announced checksum.</summary>
    ChecksumMismatch,

    /// <summary>More than a stated limit allows.</summary>
    TooLarge,

    /// <summary>Too many attempts; wait.</summary>
    TooManyRequests,

    /// <summary>The storage is full; nothing was lost, try again later.</summary>
    StorageFull,

    /// <summary>The stored bytes no longer match their checksum.</summary>
    Damaged,

    /// <summary>Something behind Harima cannot be reached; try again later.</summary>
    Unavailable,
}

/// <summary>
/// A refusal the caller can act on: a code, a stable <see cref="Reason"/> (also the key of its translation),
/// an English sentence saying what was wrong and what to do, and the values the sentence speaks of.
/// </summary>
public sealed class FaultException(
    FaultCode code,
    string reason,
    string message,
    IReadOnlyDictionary<string, string>? fields = null,
    Exception? inner = null
) : Exception(message, inner)
{
    public FaultCode Code { get; } = code;

    /// <summary>Kebab-case and stable, such as <c>sequence-closed</c>.</summary>
    public string Reason { get; } = reason;

    public IReadOnlyDictionary<string, string> Fields { get; } = fields ?? new Dictionary<string, string>();

    /// <summary>The caller holds no right there. Set for what is hidden and for what does not exist alike, so it tells neither.</summary>
    public bool IsOutOfReach { get; init; }
}

/// <summary>Makes refusals; the sentences that more than one use case says stand here once.</summary>
public static class Fault
{
    public static FaultException NotFound(string what, string id) =>
        new(
            FaultCode.NotFound,
            "not-found",
            $"{what} '{id}' does not exist, or you have no access to it.",
            Of(("what", what), ("id", id))
        );

    /// <summary>As <see cref="NotFound"/>, for a place the caller holds no right on, whether or not it exists.</summary>
    public static FaultException OutOfReach(string what, string id)
    {
        var fault = NotFound(what, id);
        return new(fault.Code, fault.Reason, fault.Message, fault.Fields) { IsOutOfReach = true };
    }

    public static FaultException Forbidden(string reason, string message, params (string, string)[] fields) =>
        new(FaultCode.Forbidden, reason, message, Of(fields));

    public static FaultException Invalid(string reason, string message, params (string, string)[] fields) =>
        new(FaultCode.Invalid, reason, message, Of(fields));

    public static FaultException Conflict(string reason, string message, params (string, string)[] fields) =>
        new(FaultCode.Conflict, reason, message, Of(fields));

    public static FaultException Unauthenticated(string reason, string message, params (string, string)[] fields) =>
        new(FaultCode.Unauthenticated, reason, message, Of(fields));

    public static FaultException Closed(string proposalId, string sequenceId) =>
        new(
            FaultCode.Closed,
            "sequence-closed",
            $"Sequence '{sequenceId}' of proposal '{proposalId}' is closed and cannot be changed any more. "
                + "Put new data into another sequence.",
            Of(("proposal", proposalId), ("sequence", sequenceId))
        );

    public static FaultException LoginNeeded() =>
        Unauthenticated("login-needed", "Log in first: this is not open to everyone.");

    static Dictionary<string, string> Of(params (string Name, string Value)[] fields) =>
        fields.ToDictionary(field => field.Name, field => field.Value, StringComparer.Ordinal);

    internal static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
