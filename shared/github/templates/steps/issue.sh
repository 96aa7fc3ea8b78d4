title="Drift in $STACK"
issue=$(gh issue list --state open --limit 1000 --json number,title --jq ".[] | select(.title == \"$title\") | .number")
issue=${issue%%$'\n'*}
if ! jq --exit-status 'any(.layers[]; .result == "drifted")' "$REPORT" > /dev/null; then
  if [ -n "$issue" ]; then gh issue close "$issue" --comment "Nothing drifts any more: $RUN"; fi
  exit 0
fi
body="$RUNNER_TEMP/issue.md"
go tool mage report:markdown "$REPORT" > "$body"
printf '\n[The whole run](%s)\n' "$RUN" >> "$body"
if [ -n "$issue" ]; then
  gh issue edit "$issue" --body-file "$body"
else
  gh issue create --title "$title" --body-file "$body"
fi
