if [ -f "$REPORT" ]; then
  go tool mage report:markdown "$REPORT" >> "$GITHUB_STEP_SUMMARY"
fi
