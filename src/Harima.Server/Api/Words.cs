using Harima.Access;
using Harima.Faults;
using Harima.Rest;
using Harima.Sequences;

namespace Harima.Api;

/// <summary>From the words of Core to those of the contract and back; they are equal, and may one day not be.</summary>
static class Words
{
    public static AccessRight ToDto(this Right right) =>
        right switch
        {
            Right.None => AccessRight.None,
            Right.Read => AccessRight.Read,
            Right.Write => AccessRight.Write,
            _ => AccessRight.Manage,
        };

    public static Right ToRight(this AccessRight right) =>
        right switch
        {
            AccessRight.None => Right.None,
            AccessRight.Read => Right.Read,
            AccessRight.Write => Right.Write,
            _ => Right.Manage,
        };

    public static SequenceVisibility ToDto(this Visibility visibility) =>
        visibility == Visibility.Everyone ? SequenceVisibility.Everyone : SequenceVisibility.Limited;

    public static SequenceStateDto ToDto(this SequenceState state) =>
        state == SequenceState.Closed ? SequenceStateDto.Closed : SequenceStateDto.Open;

    /// <summary>A word of a query parameter; null where it is not given.</summary>
    /// <exception cref="FaultException">Invalid, naming the words there are.</exception>
    public static T? Parse<T>(string name, string? text)
        where T : struct, Enum
    {
        if (string.IsNullOrEmpty(text))
            return null;
        // Names only: Enum.TryParse also reads numbers and comma lists.
        var found = Enum.GetNames<T>().FirstOrDefault(word => word.Equals(text, StringComparison.OrdinalIgnoreCase));
        return found is not null
            ? Enum.Parse<T>(found)
            : throw Fault.Invalid(
                "bad-word",
                $"'{text}' is no value of '{name}'. Use {string.Join(", ", Enum.GetNames<T>().Select(word => word.ToLowerInvariant()))}.",
                ("name", name),
                ("value", text)
            );
    }
}
