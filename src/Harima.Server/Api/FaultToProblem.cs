using System.Text.Json;
using System.Text.RegularExpressions;
using Harima.Faults;
using Harima.Rest;

namespace Harima.Api;

/// <summary>From refusals to <c>application/problem+json</c>: the one table of this surface.</summary>
static partial class FaultToProblem
{
    static readonly Dictionary<FaultCode, (int Status, string Title)> Answers = new()
    {
        [FaultCode.Invalid] = (400, "The request is not right"),
        [FaultCode.Unauthenticated] = (401, "Log in first"),
        [FaultCode.Forbidden] = (403, "You may not do this"),
        [FaultCode.NotFound] = (404, "Not found"),
        [FaultCode.Conflict] = (409, "The state of the thing forbids it"),
        [FaultCode.Closed] = (409, "The sequence is closed"),
        [FaultCode.PreconditionFailed] = (412, "The condition does not hold"),
        [FaultCode.Incomplete] = (400, "The body is incomplete"),
        [FaultCode.ChecksumMismatch] = (400, "The checksum is wrong"),
        [FaultCode.TooLarge] = (413, "Too large"),
        [FaultCode.TooManyRequests] = (429, "Too many attempts"),
        [FaultCode.StorageFull] = (507, "The storage is full"),
        [FaultCode.Unavailable] = (503, "The storage cannot be reached"),
        [FaultCode.Damaged] = (500, "The stored bytes are damaged"),
    };

    public static ProblemDto Of(FaultException fault)
    {
        var (status, title) = Answers[fault.Code];
        return new ProblemDto(TypeOf(fault.Reason), title, status, fault.Message, fault.Reason, fault.Fields);
    }

    /// <summary>What the framework could not bind: what it was, or the first sentence it has and where.</summary>
    public static ProblemDto Of(BadHttpRequestException fault)
    {
        var detail =
            fault.InnerException is JsonException { Path: { } path } json
                ? $"The body is not what this route takes, at {path}: {FirstSentence(json.Message)}"
            : NotBound().Match(fault.Message) is { Success: true } bound
                ? $"'{bound.Groups["value"].Value}' is no value of '{NameOf(bound)}'."
            : NotGiven().Match(fault.Message) is { Success: true } missing ? $"'{NameOf(missing)}' is missing."
            : fault.Message;
        return new ProblemDto(
            TypeOf("bad-request"),
            Answers[FaultCode.Invalid].Title,
            fault.StatusCode,
            detail,
            "bad-request"
        );
    }

    /// <summary>What nobody foresaw. The sentence says nothing of the inside; the id is in the log.</summary>
    public static ProblemDto OfUnforeseen(string id) =>
        new(
            TypeOf("internal"),
            "Something went wrong on our side",
            StatusCodes.Status500InternalServerError,
            $"The server failed to answer; it is not your request. Try again, and if it fails again tell the facility's staff this id: {id}",
            "internal",
            Id: id
        );

    public static ProblemDto OfStatus(int status) =>
        status switch
        {
            401 => Of(Fault.LoginNeeded()),
            404 => new ProblemDto(
                TypeOf("no-such-route"),
                "Not found",
                404,
                "There is no such address.",
                "no-such-route"
            ),
            405 => new ProblemDto(
                TypeOf("method-not-allowed"),
                "Not this way",
                405,
                "This address does not take that method. The Allow header says which it takes.",
                "method-not-allowed"
            ),
            415 => new ProblemDto(
                TypeOf("media-type"),
                "Not in this form",
                415,
                "This address does not take a body of that Content-Type. Most take application/json; /api says which.",
                "media-type"
            ),
            _ => new ProblemDto(
                TypeOf("status-" + status),
                "Refused",
                status,
                "The request was refused.",
                "status-" + status
            ),
        };

    // The framework names the type too, which says nothing to who does not write C#.
    [GeneratedRegex("^Failed to bind parameter \"(?:[^\"]* )?(?<name>[^\" ]+)\" from \"(?<value>.*)\"\\.$")]
    private static partial Regex NotBound();

    [GeneratedRegex("^Required parameter \"(?:[^\"]* )?(?<name>[^\" ]+)\" was not provided")]
    private static partial Regex NotGiven();

    static string NameOf(Match match) => JsonNamingPolicy.CamelCase.ConvertName(match.Groups["name"].Value);

    static string TypeOf(string reason) => "urn:harima:problem:" + reason;

    /// <summary>What the library says of a body, without the names of classes in it.</summary>
    static string FirstSentence(string message)
    {
        if (NotThere().Match(message) is { Success: true } missing)
            return $"it lacks {missing.Groups["names"].Value}.";
        if (message.StartsWith("The JSON value could not be converted", StringComparison.Ordinal))
            return "this is not a value of the kind that belongs there.";
        // The library appends "Path: $ | LineNumber: 0 | …".
        var end = message.IndexOf(" Path:", StringComparison.Ordinal);
        return end < 0 ? message : message[..end];
    }

    [GeneratedRegex("missing required properties including: (?<names>'.*?')\\.")]
    private static partial Regex NotThere();
}
