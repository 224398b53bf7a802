using Harima.Catalogue;
using Harima.Faults;
using Harima.Rest;

namespace Harima.Api;

static class Paging
{
    /// <summary>The largest page of most lists.</summary>
    public const int MaxLimit = 200;

    /// <summary>The largest page of files.</summary>
    public const int MaxFiles = 1000;

    public static int Limit(int? asked, int usual, int most = MaxLimit) =>
        asked switch
        {
            null => usual,
            var n when n >= 1 && n <= most => n.Value,
            _ => throw Fault.Invalid(
                "limit",
                FormattableString.Invariant($"The limit of this list is 1 to {most}."),
                ("limit", FormattableString.Invariant($"{asked}"))
            ),
        };

    public static PageDto<TDto> ToDto<T, TDto>(this Page<T> page, Func<T, TDto> shape) =>
        new([.. page.Items.Select(shape)], page.Next, page.Previous);
}
